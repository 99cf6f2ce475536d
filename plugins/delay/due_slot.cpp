// SPDX-License-Identifier: Apache-2.0
#include "due_slot.hpp"

#include <algorithm>

namespace tenon::delay {
namespace {

/// Marks come before messages of the same slot, then time decides, then the order of arrival.
struct Earlier {
  bool operator()(const DueSlot::Due& left, const DueSlot::Due& right) const noexcept {
    return left.deliver_ms < right.deliver_ms;
  }
};

}  // namespace

void DueSlot::load(std::int64_t number, const std::vector<TimerUnit>& units) {
  unload();
  number_ = number;
  due_.reserve(units.size());
  for (const TimerUnit& unit : units) {
    // RocketMQ counts a mark as done before any message of its slot; so does a time that comes first.
    due_.push_back({unit.deletes() && !unit.rolls() ? 0 : rules_.deliver_ms(unit.out_ms()), unit});
  }
  std::ranges::stable_sort(due_, Earlier{});
}

void DueSlot::insert(const TimerUnit& unit) {
  const Due due{unit.deletes() && !unit.rolls() ? 0 : rules_.deliver_ms(unit.out_ms()), unit};
  due_.insert(std::upper_bound(due_.begin() + static_cast<std::ptrdiff_t>(at_), due_.end(), due, Earlier{}), due);
}

void DueSlot::unload() {
  number_ = -1;
  due_ = {};
  at_ = 0;
  taken_back_.clear();
}

void DueSlot::take_back(std::string_view topic, std::string_view key) { taken_back_.insert(text(topic, '+', key)); }

// A mark names the unique key alone, or topic and key, by release (5.4: the key alone).
bool DueSlot::is_taken_back(std::string_view topic, std::string_view unique_key) const {
  if (taken_back_.empty()) return false;
  const std::string key = text(topic, '+', unique_key);
  return taken_back_.contains(key) || taken_back_.contains(text(topic, '+', key));
}

}  // namespace tenon::delay
