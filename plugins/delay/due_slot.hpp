// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <compare>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <unordered_set>
#include <utility>
#include <vector>

#include "timer_files.hpp"

namespace tenon::delay {

/// The one slot that is being delivered: the earliest of its units by their time, and the keys of messages taken back.
///
/// A window of at most `most` units is in memory, and what comes meanwhile and is no later; whoever inserts asks
/// is_full() first. When they are done and the slot has more, load_more() walks its chain in the log again and takes
/// the next; the chain is walked once for every `most` units. Threads: one at a time.
class DueSlot {
 public:
  /// Time decides, then the order of arrival. Delete marks stand before every message of their slot.
  struct Order {
    std::int64_t deliver_ms = -1;
    std::int64_t position = -1;  ///< In the timer log.
    auto operator<=>(const Order&) const = default;
  };
  struct Due {
    Order order;
    TimerUnit unit;
  };

  DueSlot(TimerRules rules, std::size_t most) : rules_(rules), most_(most) {}

  bool is_loaded() const noexcept { return number_ >= 0; }
  std::int64_t number() const noexcept { return number_; }
  /// When the slot may be left: nothing new can fall into it.
  std::int64_t end_ms() const noexcept { return (number_ + 1) * rules_.precision_ms; }

  /// Begins with a slot: its earliest units. Text: why the chain could not be read to its end; empty: it was.
  std::string load(std::int64_t number, const TimerFiles& files);
  /// Nothing is left in memory, but in the log: load_more().
  bool wants_more() const noexcept { return at_ == due_.size() && !is_complete_; }
  std::string load_more(const TimerFiles& files);
  /// There is no room for an insert().
  bool is_full() const noexcept { return due_.size() - at_ >= 2 * most_; }
  /// A unit that came while the slot is loaded.
  void insert(std::int64_t position, const TimerUnit& unit);
  void unload();

  /// The next to deliver; nullptr when those in memory are done. Valid until the next change.
  const Due* next() const noexcept { return at_ < due_.size() ? &due_[at_] : nullptr; }
  void done();

  /// Notes what a delete mark says (TIMER_DEL_UNIQKEY), for messages to `topic`.
  void take_back(std::string_view topic, std::string_view key);
  bool is_taken_back(std::string_view topic, std::string_view unique_key) const;

 private:
  Due due_of(std::int64_t position, const TimerUnit& unit) const noexcept;

  const TimerRules rules_;
  const std::size_t most_;
  std::int64_t number_ = -1;
  std::vector<Due> due_;
  std::size_t at_ = 0;
  bool is_complete_ = true;  ///< The slot has no units behind those in due_.
  Order window_end_;         ///< What is later than this is in the log only, unless the slot is complete.
  Order done_until_;         ///< At load_more(): of the units in the log none up to here is left.
  /// Two hashes of what a mark names: the same few bytes however long the key is.
  using Print = std::pair<std::size_t, std::size_t>;
  struct FirstOf {
    std::size_t operator()(const Print& print) const noexcept { return print.first; }
  };
  static Print print_of(std::string name);
  std::unordered_set<Print, FirstOf> taken_back_;
};

}  // namespace tenon::delay
