// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "timer_files.hpp"

namespace tenon::delay {

/// The one slot that is being delivered, in memory: its units by their time, and the keys of messages taken back.
/// Threads: one at a time.
class DueSlot {
 public:
  struct Due {
    std::int64_t deliver_ms = 0;
    TimerUnit unit;
  };

  explicit DueSlot(TimerRules rules) : rules_(rules) {}

  bool is_loaded() const noexcept { return number_ >= 0; }
  std::int64_t number() const noexcept { return number_; }
  /// When the slot may be left: nothing new can fall into it.
  std::int64_t end_ms() const noexcept { return (number_ + 1) * rules_.precision_ms; }

  void load(std::int64_t number, const std::vector<TimerUnit>& units);
  /// A unit that came while the slot is loaded.
  void insert(const TimerUnit& unit);
  void unload();

  /// The next to deliver; nullptr when all are done. Valid until the next change.
  const Due* next() const noexcept { return at_ < due_.size() ? &due_[at_] : nullptr; }
  void done() { ++at_; }

  /// Notes what a delete mark says (TIMER_DEL_UNIQKEY), for messages to `topic`.
  void take_back(std::string_view topic, std::string_view key);
  bool is_taken_back(std::string_view topic, std::string_view unique_key) const;

 private:
  const TimerRules rules_;
  std::int64_t number_ = -1;
  std::vector<Due> due_;
  std::size_t at_ = 0;
  std::set<std::string, std::less<>> taken_back_;
};

}  // namespace tenon::delay
