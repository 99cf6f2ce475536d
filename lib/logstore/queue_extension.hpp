// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <limits>
#include <mutex>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "logstore/queue_files.hpp"
#include "tenon/message_store.hpp"

namespace tenon::logstore {

/// Tags codes below those of any hash are addresses of units in the extension.
inline bool is_extension_address(std::int64_t tags_code) noexcept {
  return tags_code < std::numeric_limits<std::int32_t>::min();
}

/// What is said of the messages of one queue beside their entries (RocketMQ's enableConsumeQueueExt): the tags code,
/// the store time, and which filters they pass. Files: `consumequeue_ext/<topic>/<queueId>/<20 digits>`, each of full
/// length from the start; ../shared/reference/store-format.md 3.5.
///
/// Invariants: a unit below the end never changes; it is in memory until it is in a file. A unit is spilled and synced
/// before the entry that has its address, so a whole entry has a whole unit; who cannot read one knows less, and
/// nothing wrong.
/// Threads: read() from any; put() under the append lock; the rest by whoever holds the queue's files_mutex_, or before
/// anything else runs.
class QueueExtension {
 public:
  struct Unit {
    std::int64_t tags_code = 0;
    IndexExtension extension;  ///< Borrows `bit_map`.
    std::vector<std::byte> bit_map;
  };

  QueueExtension(const QueueStorage& storage, std::string directory)
      : storage_(storage), directory_(std::move(directory)) {}

  /// Whether new entries get units. Else what is there is read, and goes when its entries go.
  bool is_written() const noexcept { return storage_.options.consume_queue_extension; }

  /// Reads the names and lengths of the files. Error: io, corrupt for a file of another length than those that will be
  /// written.
  Status load();
  /// After that, if it is written: finds the end of the units. `newest`: the address that the newest entry has, which
  /// spares reading the units before it.
  Status find_end(std::optional<std::int64_t> newest);
  /// Begins a file behind `address` if that lies at or above the end: the unit of an entry is lost, and no other may
  /// come in its place.
  void begin_behind(std::int64_t address);

  /// Adds a unit and returns its address; or the tags code itself, where the bit map is too long for a unit.
  std::int64_t put(std::int64_t tags_code, const IndexExtension& extension);
  /// False, and `unit` means nothing, when there is no whole unit at the address, or it cannot be had without a wait
  /// that is not allowed.
  bool read(std::int64_t address, Unit& unit, ReadWait wait) const;

  /// Writes all units to the files.
  Status spill();
  /// Forces to disk what was spilled since the last call.
  Status sync();
  /// Drops the units behind the one at `address`; all of them without one.
  Status cut(std::optional<std::int64_t> address);
  /// Deletes the files all of whose units lie below `address`, but not the last file.
  Status drop_before(std::int64_t address);
  /// Deletes the directory.
  Status remove_all();

 private:
  struct Place {
    std::int64_t base, end;
  };

  std::int64_t file_size() const noexcept { return storage_.options.consume_queue_extension_file_size; }
  std::string path_of(std::int64_t base) const { return directory_ + "/" + offset_file_name(base); }
  std::optional<Place> place_of(std::int64_t at) const;
  bool read_bytes(std::int64_t at, std::span<std::byte> out, ReadWait wait) const;
  Result<std::int64_t> end_of_units(const Place& file, std::int64_t start) const;
  Status make_directory();
  Status write(std::int64_t at, std::span<const std::byte> bytes);
  Status truncate(std::int64_t end);
  void fill_file();

  const QueueStorage& storage_;
  std::string directory_;

  mutable std::mutex mutex_;        ///< A leaf; not held over the disk.
  std::vector<Place> files_;        ///< Ascending; mutex_.
  std::vector<std::byte> pending_;  ///< The units from spilled_ on; mutex_.
  std::int64_t spilled_ = 0;        ///< Units below are in files; mutex_.
  std::int64_t synced_ = 0;         ///< Units below are on disk.
};

}  // namespace tenon::logstore
