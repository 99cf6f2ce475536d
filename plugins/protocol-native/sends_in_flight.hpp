// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "tenon/properties.hpp"

namespace tenon::protocol_native {

/// The sends of one connection whose outcome has not come yet: what their answers need. Slots are used again, so a send
/// that completes inside publish() (the usual case) allocates nothing. Threads: the connection's own.
class SendsInFlight {
 public:
  struct Send {
    std::int32_t opaque = 0;
    bool oneway = false;
    bool batch = false;
    /// Those of the message, wire form: the answer gives UNIQ_KEY back. Borrows the request, so empty after keep().
    std::string_view properties;
    /// That one, after keep().
    std::string_view unique_key = {};
  };

  /// The token to publish under.
  std::uint64_t begin(const Send& send) {
    if (first_free_ == kNone) {
      slots_.emplace_back();
      first_free_ = static_cast<std::uint32_t>(slots_.size() - 1);
    }
    const std::uint32_t index = first_free_;
    Slot& slot = slots_[index];
    first_free_ = slot.next_free;
    slot.send = send;
    slot.used = true;
    slot.kept = false;
    ++count_;
    return (std::uint64_t{slot.generation} << 32) | index;
  }
  /// publish() has returned: if the outcome is still to come, copies what borrowed the request.
  void keep(std::uint64_t token) {
    Slot* const slot = find(token);
    if (slot == nullptr) return;
    slot->unique_key = PropertiesView(slot->send.properties).find(property::unique_key).value_or("");
    slot->send.properties = {};
    slot->kept = true;
  }
  /// nullptr for a token that has ended. Valid until the next begin().
  const Send* peek(std::uint64_t token) {
    Slot* const slot = find(token);
    if (slot == nullptr) return nullptr;
    if (slot->kept) slot->send.unique_key = slot->unique_key;  // Not earlier: slots move when more are needed.
    return &slot->send;
  }
  void end(std::uint64_t token) {
    Slot* const slot = find(token);
    if (slot == nullptr) return;
    slot->used = false;
    ++slot->generation;
    slot->next_free = first_free_;
    first_free_ = static_cast<std::uint32_t>(token);
    --count_;
  }
  std::size_t count() const noexcept { return count_; }
  /// Gives the memory of an idle connection back. Tokens of before stay invalid as long as none is in flight.
  void release_if_idle() {
    if (count_ > 0 || slots_.capacity() == 0) return;
    slots_ = {};
    first_free_ = kNone;
  }

 private:
  static constexpr std::uint32_t kNone = 0xffffffff;
  struct Slot {
    Send send;
    std::string unique_key;
    std::uint32_t generation = 0;
    std::uint32_t next_free = kNone;
    bool used = false;
    bool kept = false;  ///< `unique_key` is that of this send.
  };

  Slot* find(std::uint64_t token) {
    const auto index = static_cast<std::uint32_t>(token);
    if (index >= slots_.size()) return nullptr;
    Slot& slot = slots_[index];
    return slot.used && slot.generation == static_cast<std::uint32_t>(token >> 32) ? &slot : nullptr;
  }

  std::vector<Slot> slots_;
  std::uint32_t first_free_ = kNone;
  std::uint32_t count_ = 0;
};

}  // namespace tenon::protocol_native
