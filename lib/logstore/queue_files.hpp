// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <atomic>
#include <memory>
#include <span>
#include <string>

#include "logstore/descriptor_cache.hpp"
#include "logstore/options.hpp"
#include "logstore/queue_entry.hpp"

namespace tenon::logstore {

/// What the queues share to reach their files.
struct QueueStorage {
  const StoreOptions& options;
  FileSystem& file_system;
  DescriptorCache& descriptors;
  /// Made once, so options are set by then: to put paths together costs more than all else that a new queue needs.
  std::string consume_queue = StoreLayout(options).consume_queue.string();
  std::int64_t entries_per_file() const noexcept { return options.consume_queue_file_entries; }
  std::int64_t file_size() const noexcept { return entries_per_file() * kQueueEntrySize; }
};

/// What the files of a queue consist of.
struct QueueFileShape {
  std::int64_t unit_size = kQueueEntrySize;
  std::int64_t units = 0;  ///< Per file.
  std::int64_t file_size() const noexcept { return unit_size * units; }
};

/// The files of one queue: `consumequeue/<topic>/<queueId>/<20 digits>`, each of full length from the start (sparse).
/// Positions are counted in entries, which makes them queue offsets where an entry is a message. A file is created
/// together with its first entry, never before: RocketMQ takes an empty one for an entry (store-format.md 3.3).
/// Threads: writes from one thread at a time, reads from any.
class QueueFiles {
 public:
  QueueFiles(const QueueStorage& storage, std::string directory)
      : QueueFiles(storage, std::move(directory), {kQueueEntrySize, storage.entries_per_file()}) {}
  QueueFiles(const QueueStorage& storage, std::string directory, const QueueFileShape& shape)
      : storage_(storage), directory_(std::move(directory)), shape_(shape) {}

  /// Reads the names and lengths of the files. Error: corrupt for a file of another length, or a gap.
  Status load();
  /// The same for who is about to look for the end; until end_look() nothing may be written.
  Status load_to_look();
  void end_look() noexcept { looked_at_.reset(); }
  bool empty() const noexcept { return first_ == end_; }
  std::int64_t entries_per_file() const noexcept { return shape_.units; }
  /// First queue offset of the first file, and one past the last of the last file.
  std::int64_t first() const noexcept { return first_; }
  std::int64_t end() const noexcept { return end_; }

  /// Writes encoded entries from queue offset `at` on, creating files as needed.
  Status write(std::int64_t at, std::span<const std::byte> entries);
  static constexpr std::size_t kReadMax = 128;
  /// Reads up to min(entries.size(), kReadMax) entries from `at` on, not across a file; returns how many were there.
  /// Error: io.
  Result<std::size_t> read(std::int64_t at, std::span<IndexEntry> entries) const;
  /// The same for entries as they lie there, of any size; not across a file. Error: io.
  Result<std::size_t> read_units(std::int64_t at, std::span<std::byte> units) const;
  /// Whether an entry lies in two sectors, of which a power failure may have kept one from the disk.
  bool may_be_torn(std::int64_t at) const noexcept;
  /// One past the last entry from `at` on that is not zeros; `at` if none follows. end() where that cannot be told.
  std::int64_t data_end(std::int64_t at) const;
  /// Whether so many entries, of at most a page together, can be read without waiting for the disk.
  bool is_at_hand(std::int64_t at, std::int64_t count) const;
  /// Lets the operating system read from the disk what a reader at `at` comes to next, and nothing from `until` on, so
  /// that it finds it at hand.
  void will_need(std::int64_t at, std::int64_t until) const;
  /// Drops everything from queue offset `at` on: later files are deleted, the rest of the file is zeroed.
  Status truncate(std::int64_t at);
  /// Deletes the first file. Call only when there is one; when it is the last, for remove_all().
  Status delete_first();
  /// Begins to write the dirty pages of [from, to); does not wait for them and promises nothing. Best effort.
  void start_writeback(std::int64_t from, std::int64_t to);
  /// fdatasync of the files that hold [from, to).
  Status sync(std::int64_t from, std::int64_t to);
  /// Deletes the directory, oldest file first. After an error it has the files that are left.
  Status remove_all();
  const std::string& directory() const noexcept { return directory_; }

 private:
  /// Most queues have one file, and what is asked of it while they are opened lies in its first page: read once, and
  /// without a place in the cache, that tens of thousands of them would only push each other out of.
  struct LookedAt {
    std::int64_t base = 0;
    std::unique_ptr<File> file;
    std::array<std::byte, 4096> page;
    std::size_t size = 0;
  };
  bool load_only_file();
  bool is_looked_at(std::int64_t base) const noexcept { return looked_at_ && looked_at_->base == base; }
  Result<std::size_t> read_bytes(std::int64_t base, std::int64_t position, std::span<std::byte> out) const;
  bool may_have_data_from(std::int64_t base, std::int64_t position) const;
  std::string path_of(std::int64_t base) const { return directory_ + "/" + offset_file_name(base * shape_.unit_size); }
  std::int64_t base_of(std::int64_t at) const noexcept { return at - at % shape_.units; }
  Status write_to_file(std::int64_t base, std::int64_t at, std::span<const std::byte> entries);
  Status create_file(std::int64_t base, std::int64_t at, std::span<const std::byte> entries);
  static Status fill_before(File& file, std::int64_t base, std::int64_t at);

  const QueueStorage& storage_;
  std::string directory_;
  const QueueFileShape shape_;
  std::atomic<std::int64_t> first_{0};  ///< Written by the one writer, read by readers.
  std::atomic<std::int64_t> end_{0};
  std::unique_ptr<LookedAt> looked_at_;
};

}  // namespace tenon::logstore
