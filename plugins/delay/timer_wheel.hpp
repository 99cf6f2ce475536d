// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <filesystem>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <vector>

#include "positioned_file.hpp"
#include "timer_unit.hpp"

namespace tenon::delay {

/// The timer wheel: for each precision step of seven days (times two) the chain of units in the timer log that are due
/// in it. Source: store-format.md 11.2. Slots are named by their time divided by the precision.
///
/// A slot is read from the file when it is wanted; in memory is one bit each, which finds the next one in use.
/// Threads: one at a time; the file may be synced by another.
class TimerWheel {
 public:
  static constexpr std::int64_t kSlots = 1'209'600;
  static constexpr std::int64_t kSlotSize = 32;

  struct Slot {
    std::int64_t number = 0;      ///< Time / precision; another number in the file means that the slot is empty.
    std::int64_t first_pos = -1;  ///< Oldest unit.
    std::int64_t last_pos = -1;   ///< Newest unit, head of the backward chain.
    std::int32_t count = 0;       ///< Messages; a delete mark subtracts one.
  };

  explicit TimerWheel(std::filesystem::path path) : path_(std::move(path)) {}

  /// Opens or makes the file and finds the slots in use from `first` on. Error: io, corrupt (another length).
  Status open(std::int64_t first);
  bool is_new() const noexcept { return is_new_; }

  /// Empty: the slot holds nothing. Error: io.
  Result<std::optional<Slot>> find(std::int64_t number) const;
  /// Notes a unit as the newest of a slot; in memory until commit(). Returns the position of the one before, -1 if
  /// none.
  Result<std::int64_t> add(std::int64_t number, std::int64_t position, bool deletes);
  /// The slot of a unit that is in the log already (recovery): nothing changes if the slot knows it.
  Status note(std::int64_t number, std::int64_t position, bool deletes);
  /// Writes changed slots. Error: io; the same may be tried again.
  Status commit();

  /// The first slot in use at or after `from`, up to `most` slots on.
  std::optional<std::int64_t> next_in_use(std::int64_t from, std::int64_t most = kSlots - 1) const noexcept;
  /// The slot is done: it does not count as in use any more. (Its bytes stay; RocketMQ leaves them, too.)
  void forget(std::int64_t number) noexcept;
  bool empty() const noexcept { return in_use_count_ == 0; }
  /// Calls `visit` for every slot in use.
  void for_each(const std::function<void(const Slot&)>& visit) const;
  /// Empties every slot.
  Status clear();

  const std::shared_ptr<PositionedFile>& file() const noexcept { return file_; }

 private:
  static std::int64_t index_of(std::int64_t number) noexcept { return number % kSlots; }
  void mark(std::int64_t number) noexcept;

  const std::filesystem::path path_;
  std::shared_ptr<PositionedFile> file_;
  bool is_new_ = false;
  std::map<std::int64_t, Slot> changed_;
  std::int64_t in_use_count_ = 0;
  std::vector<std::uint64_t> in_use_ = std::vector<std::uint64_t>((kSlots + 63) / 64);
};

}  // namespace tenon::delay
