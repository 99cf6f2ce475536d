// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>
#include <memory>
#include <span>

#include "logstore/file_system.hpp"
#include "tenon/offsets.hpp"
#include "tenon/properties.hpp"

namespace tenon::logstore {

struct IndexShape {
  std::int32_t slots = 5'000'000;
  std::int32_t entries = 20'000'000;
  std::int64_t file_size() const noexcept { return 40 + 4LL * slots + 20LL * entries; }
};

/// One index file: a hash table from the hash of "topic#key" to physical offsets, chained by entry number.
/// Layout: ../shared/reference/store-format.md 4. The mapping is sparse; disk space is taken ahead of the entries,
/// because a write to a hole of a mapping on a full disk kills the process. Not thread-safe.
class IndexFile {
 public:
  struct Key {
    std::int32_t hash = 0;  ///< Not negative, see IndexHash.
    PhysicalOffset physical_offset;
    std::int64_t store_timestamp_ms = 0;
  };

  static Result<std::unique_ptr<IndexFile>> open(FileSystem& file_system, const std::filesystem::path& path,
                                                 const IndexShape& shape);
  /// A file that begins where `before` ends; `before` may be nullptr.
  static Result<std::unique_ptr<IndexFile>> create(FileSystem& file_system, const std::filesystem::path& path,
                                                   const IndexShape& shape, const IndexFile* before);

  bool full() const noexcept { return count() >= shape_.entries; }
  /// Adds keys, in the order of their records, as many as fit, and returns how many that were. Give it many: the slots
  /// of a few dozen keys are fetched while those before them are put. Error: io when the disk is full; then nothing has
  /// changed.
  Result<std::size_t> put_all(std::span<const Key> keys);
  /// Adds a key. The file must not be full. Error as put_all().
  Status put(const Key& key);
  /// Visits the entries of `hash`, newest first, as (physical offset, store time in whole seconds since begin, in ms);
  /// stops when `visit` returns false, or at a reference that cannot be.
  void visit(std::int32_t hash, const std::function<bool(PhysicalOffset, std::int64_t)>& visit) const;
  Status sync() { return file_->sync(); }

  std::int64_t begin_timestamp_ms() const noexcept;
  std::int64_t end_timestamp_ms() const noexcept;
  PhysicalOffset begin_physical_offset() const noexcept;
  PhysicalOffset end_physical_offset() const noexcept;
  /// Number of the next entry; the first is 1.
  std::int32_t count() const noexcept;
  const std::filesystem::path& path() const noexcept { return path_; }

 private:
  static Result<std::unique_ptr<IndexFile>> mapped(const std::filesystem::path& path, const IndexShape& shape,
                                                   std::unique_ptr<File> file);
  IndexFile(std::filesystem::path path, const IndexShape& shape, std::unique_ptr<File> file,
            std::unique_ptr<Mapping> mapping)
      : path_(std::move(path)), shape_(shape), file_(std::move(file)), mapping_(std::move(mapping)) {}
  std::byte* slot(std::int32_t number) const noexcept { return mapping_->data() + 40 + 4LL * number; }
  std::byte* entry(std::int32_t number) const noexcept {
    return mapping_->data() + 40 + 4LL * shape_.slots + 20LL * number;
  }
  static constexpr std::size_t kGroup = 32;

  Status reserve(std::int32_t until);
  /// Puts at most kGroup keys that are known to fit, from the entry `first` on, with times after `begin_ms`. Returns
  /// how many slots they are the first in.
  std::int32_t put_group(std::span<const Key> keys, std::int32_t first, std::int64_t begin_ms) noexcept;

  std::filesystem::path path_;
  IndexShape shape_;
  std::unique_ptr<File> file_;
  std::unique_ptr<Mapping> mapping_;
  std::int64_t reserved_ = 0;  ///< Bytes from the start of the file that have disk space.
};

/// abs(Java's hash of topic + "#" + key), Integer.MIN_VALUE becoming 0. Hashes the topic once for all keys of a record.
class IndexHash {
 public:
  explicit IndexHash(std::string_view topic)
      : before_(java_string_hash("#", java_string_hash(topic))), before_tags_(java_string_hash("T#", before_)) {}
  std::int32_t of(std::string_view key) const { return positive(java_string_hash(key, before_)); }
  /// Of the key "T#" + tags, under which RocketMQ 5 indexes tags.
  std::int32_t of_tags(std::string_view tags) const { return positive(java_string_hash(tags, before_tags_)); }

 private:
  static std::int32_t positive(std::int32_t hash) { return hash == INT32_MIN ? 0 : hash < 0 ? -hash : hash; }

  std::int32_t before_, before_tags_;
};

}  // namespace tenon::logstore
