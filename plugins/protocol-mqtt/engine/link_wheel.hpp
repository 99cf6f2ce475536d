// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <array>
#include <boost/intrusive/list.hpp>
#include <cstdint>

namespace tenon::protocol_mqtt {

/// What stands in the wheel: a base class of two pointers. Leaves the wheel by itself at its end.
class Wheeled : public boost::intrusive::list_base_hook<boost::intrusive::link_mode<boost::intrusive::auto_unlink>> {};

/// All connections, by the second in which each is looked at next, so that silence of a hundred thousand is noticed
/// without a timer for each and without looking at each every second. Threads: one.
class LinkWheel {
 public:
  /// Looked at in the second in which `due_ms` has passed; earlier if that is far away.
  void put(Wheeled& link, std::int64_t due_ms) {
    link.unlink();
    const std::int64_t second = due_ms / 1000 + 1;
    slots_[slot_of(std::clamp(second, second_ + 1, second_ + kSlots - 1))].push_back(link);
  }

  /// Takes out all whose second has come, one after the other; `look(link)` puts it in again if it is to stay. Links
  /// may come and go meanwhile.
  template <class Look>
  void turn(std::int64_t now_ms, Look&& look) {
    const std::int64_t now = now_ms / 1000;
    const bool jumped = now < second_ || now - second_ >= kSlots;  // the clock was set: look at everything
    List due;
    for (std::int64_t s = jumped ? now - kSlots + 1 : second_ + 1; s <= now; ++s) {
      due.splice(due.end(), slots_[slot_of(s)]);
    }
    second_ = now;
    while (!due.empty()) {
      Wheeled& link = due.front();
      link.unlink();
      look(link);
    }
  }

  /// Some of them; nullptr when there is none.
  Wheeled* any() noexcept {
    const auto found = std::ranges::find_if(slots_, [](const List& slot) { return !slot.empty(); });
    return found == slots_.end() ? nullptr : &found->front();
  }

  template <class Visit>
  void for_each(Visit&& visit) const {
    for (const List& slot : slots_) {
      for (const Wheeled& link : slot) visit(link);
    }
  }

 private:
  using List = boost::intrusive::list<Wheeled, boost::intrusive::constant_time_size<false>>;
  static constexpr std::int64_t kSlots = 128;
  static std::size_t slot_of(std::int64_t second) noexcept { return static_cast<std::size_t>(second % kSlots); }

  std::array<List, kSlots> slots_;
  std::int64_t second_ = 0;
};

}  // namespace tenon::protocol_mqtt
