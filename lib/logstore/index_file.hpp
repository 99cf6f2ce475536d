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
/// Layout: ../shared/reference/store-format.md 4. The file is sparse. Slots are set through the mapping, so they get
/// disk space first, because a write to a hole of a mapping on a full disk kills the process. Entries, which follow
/// each other, are written many at once, for a fraction of what the page faults of a mapping cost. Not thread-safe.
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
  /// Adds keys, in the order of their records, as many as fit and as one write takes, and returns how many that were.
  /// Give it many. Error: io, also when the disk is full; then nothing has changed.
  Result<std::size_t> put_some(std::span<const Key> keys);
  /// Adds a key. The file must not be full. Error as put_some().
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
    return mapping_->data() + 40 + 4LL * shape_.slots + kEntrySize * static_cast<std::size_t>(number);
  }
  static constexpr std::size_t kEntrySize = 20;
  static constexpr std::size_t kGroup = 32;

  std::size_t end_of_piece(std::size_t begin) const noexcept;
  Status take_space_for_slots();
  std::int32_t put_groups(std::span<const Key> keys, std::int32_t first, std::byte* made) noexcept;
  /// Puts at most kGroup keys into their slots and makes their entries, the first of which has the number `first`, at
  /// `made`; times count from `begin_ms`. Returns how many slots they are the first in.
  std::int32_t put_group(std::span<const Key> keys, std::int32_t first, std::int64_t begin_ms,
                         std::byte* made) noexcept;
  /// Gives the slots what they had before the entries `made`.
  void take_back(std::span<const std::byte> made) noexcept;

  std::filesystem::path path_;
  IndexShape shape_;
  std::unique_ptr<File> file_;
  std::unique_ptr<Mapping> mapping_;
  bool slots_have_space_ = false;
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
