// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <filesystem>
#include <functional>
#include <map>
#include <memory>
#include <vector>

#include "positioned_file.hpp"
#include "timer_unit.hpp"

namespace tenon::delay {

/// The timer log: units one after the other in files of one length, each named after the position of its first byte.
/// A unit and the blank that ends a file never cross its end. Source: store-format.md 11.3.
/// Threads: one at a time; dirty files may be synced by another, see take_dirty().
class TimerLog {
 public:
  TimerLog(std::filesystem::path directory, std::int64_t file_size)
      : directory_(std::move(directory)), file_size_(file_size) {}

  /// Finds the files. `visit` gets every unit from `from` (a file's begin or below) on and its position, in order; the
  /// first that is none, or that visit() refuses, ends the log. Error: io, corrupt (a file of another length).
  using Visit = std::function<bool(std::int64_t position, const TimerUnit& unit)>;
  Status open(std::int64_t from, const Visit& visit);

  /// Where the next unit will stand.
  std::int64_t next_position() const noexcept;
  /// Adds a unit to what commit() writes; returns its position.
  std::int64_t append(const TimerUnit& unit);
  /// Writes what was added. After an error the same may be tried again. Error: io.
  Status commit();

  /// Error: corrupt when no unit lies there, io. Sees what was committed.
  Result<TimerUnit> read(std::int64_t position) const;
  std::int64_t begin() const noexcept { return files_.empty() ? end_ : files_.begin()->first; }
  std::int64_t end() const noexcept { return end_; }
  std::int64_t file_size() const noexcept { return file_size_; }

  /// The files written to since the last call, for a sync elsewhere.
  std::vector<std::shared_ptr<PositionedFile>> take_dirty();
  /// Removes the oldest files whose units' records all end at or before `physical_min`; never the newest. Reads 4 MiB
  /// at most and goes on from there the next time.
  void remove_before(std::int64_t physical_min);

 private:
  using Files = std::map<std::int64_t, std::shared_ptr<PositionedFile>>;

  Status find_files();
  Status cut_at_end();
  bool look_on(std::int64_t physical_min);
  std::int64_t unit_bytes() const noexcept;
  Result<std::shared_ptr<PositionedFile>> file_at(std::int64_t position);
  std::filesystem::path path_of(std::int64_t file_begin) const;
  bool has_room(std::int64_t position) const noexcept;

  const std::filesystem::path directory_;
  const std::int64_t file_size_;
  Files files_;
  std::int64_t end_ = 0;  ///< One past the last committed unit or blank.
  struct Pending {
    std::int64_t position;
    std::vector<std::byte> bytes;
  };
  std::vector<Pending> pending_;  ///< Runs within one file each.
  std::int64_t pending_end_ = 0;
  std::map<std::int64_t, std::shared_ptr<PositionedFile>> dirty_;
  std::int64_t looked_at_ = 0;  ///< Of the oldest file: no unit before is needed any more. See remove_before().
};

}  // namespace tenon::delay
