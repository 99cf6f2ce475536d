// SPDX-License-Identifier: Apache-2.0
#include "due_slot.hpp"

#include <algorithm>

namespace tenon::delay {
namespace {

struct Earlier {
  bool operator()(const DueSlot::Due& left, const DueSlot::Due& right) const noexcept {
    return left.order < right.order;
  }
};

}  // namespace

// RocketMQ counts a mark as done before any message of its slot; so does a time that comes first.
DueSlot::Due DueSlot::due_of(std::int64_t position, const TimerUnit& unit) const noexcept {
  return {{unit.deletes() && !unit.rolls() ? 0 : rules_.deliver_ms(unit.out_ms()), position}, unit};
}

std::string DueSlot::load(std::int64_t number, const TimerFiles& files) {
  unload();
  number_ = number;
  return load_more(files);
}

std::string DueSlot::load_more(const TimerFiles& files) {
  std::vector<Due> window = std::exchange(due_, {});
  window.clear();
  at_ = 0;
  is_complete_ = false;  // If this ends with an exception, it is done again.
  bool complete = true;
  std::string problem = files.for_each_unit(number_, [&](std::int64_t position, const TimerUnit& unit) {
    const Due due = due_of(position, unit);
    if (due.order <= done_until_) return;
    if (window.size() == most_) {  // The latest of what is kept, or this one, has to wait.
      complete = false;
      if (!(due.order < window.front().order)) return;
      std::ranges::pop_heap(window, Earlier{});
      window.pop_back();
    }
    window.push_back(due);
    std::ranges::push_heap(window, Earlier{});
  });
  std::ranges::sort_heap(window, Earlier{});
  if (!window.empty()) window_end_ = window.back().order;
  due_ = std::move(window);
  is_complete_ = complete;
  return problem;
}

// What is later than the window is found in the log in its turn, and only that: the window's units count as done then.
void DueSlot::insert(std::int64_t position, const TimerUnit& unit) {
  const Due due = due_of(position, unit);
  if (!is_complete_ && window_end_ < due.order) return;
  if (at_ >= most_) {
    due_.erase(due_.begin(), due_.begin() + static_cast<std::ptrdiff_t>(at_));
    at_ = 0;
  }
  due_.insert(std::upper_bound(due_.begin() + static_cast<std::ptrdiff_t>(at_), due_.end(), due, Earlier{}), due);
}

void DueSlot::done() {
  done_until_ = std::max(done_until_, due_[at_].order);
  ++at_;
}

void DueSlot::unload() {
  number_ = -1;
  due_ = {};
  at_ = 0;
  is_complete_ = true;
  done_until_ = window_end_ = {};
  taken_back_.clear();
}

void DueSlot::take_back(std::string_view topic, std::string_view key) {
  taken_back_.insert(print_of(text(topic, '+', key)));
}

DueSlot::Print DueSlot::print_of(std::string name) {
  const std::hash<std::string> hash;
  const std::size_t first = hash(name);
  name.push_back('\0');
  return {first, hash(name)};
}

// A mark names the unique key alone, or topic and key, by release (5.4: the key alone).
bool DueSlot::is_taken_back(std::string_view topic, std::string_view unique_key) const {
  if (taken_back_.empty()) return false;
  const std::string key = text(topic, '+', unique_key);
  return taken_back_.contains(print_of(key)) || taken_back_.contains(print_of(text(topic, '+', key)));
}

}  // namespace tenon::delay
