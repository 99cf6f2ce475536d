// SPDX-License-Identifier: Apache-2.0
#include "routing/message_traits.hpp"

#include <algorithm>
#include <charconv>

namespace tenon::kernel {
namespace {

bool equals_ignoring_case(std::string_view text, std::string_view lower) {
  return std::ranges::equal(text, lower, [](char a, char b) { return (a >= 'A' && a <= 'Z' ? a + ('a' - 'A') : a) == b; });
}

}  // namespace

bool MessageTraits::is_delayed() const noexcept {
  if (delay_level.empty()) return false;
  int level = 0;
  const auto [end, error] = std::from_chars(delay_level.data(), delay_level.data() + delay_level.size(), level);
  return error != std::errc{} || level > 0;
}

MessageTraits traits_of(const PropertiesView& properties) noexcept {
  MessageTraits traits;
  properties.for_each([&](std::string_view name, std::string_view value) {
    // Most names are ruled out by their length alone.
    switch (name.size()) {
      case 4:
        if (name == property::wait) traits.wait = !equals_ignoring_case(value, "false");
        break;
      case 5:
        if (name == property::delay) traits.delay_level = value;
        break;
      case 6:
        traits.has_broker_properties |= name == property::pop_receipt;
        break;
      case 7:
        traits.has_broker_properties |= name == property::cluster;
        break;
      case 8:
        if (name == property::unique_key) traits.unique_key = value;
        if (name == property::transaction_prepared) traits.transaction = equals_ignoring_case(value, "true");
        traits.has_broker_properties |= name == property::trace_on;
        break;
      case 10:
        traits.has_broker_properties |= name == property::msg_region;
        break;
      case 14: case 15: case 16:
        traits.timer |= name == property::timer_delay_ms || name == property::timer_delay_sec ||
                        name == property::timer_deliver_ms;
        break;
      default: break;
    }
  });
  return traits;
}

}  // namespace tenon::kernel
