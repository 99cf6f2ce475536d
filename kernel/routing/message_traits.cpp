// SPDX-License-Identifier: Apache-2.0
#include "routing/message_traits.hpp"

#include <algorithm>
#include <charconv>

namespace tenon::kernel {
namespace {

bool equals_ignoring_case(std::string_view text, std::string_view lower) {
  return std::ranges::equal(text, lower,
                            [](char a, char b) { return (a >= 'A' && a <= 'Z' ? a + ('a' - 'A') : a) == b; });
}

bool is_called(std::string_view entry, std::string_view name) { return !PropertiesView::value_if(entry, name).empty(); }

void note_entry(std::string_view entry, MessageTraits& traits) {
  const auto assign = [entry](std::string_view name, std::string_view& value) {
    if (const std::string_view found = PropertiesView::value_if(entry, name); !found.empty()) value = found;
  };
  switch (entry.front()) {
    case 'C':
      traits.has_broker_properties |= is_called(entry, property::cluster);
      break;
    case 'D':
      assign(property::delay, traits.delay_level);
      break;
    case 'K':
      assign(property::keys, traits.indexed.keys);
      break;
    case 'M':
      traits.has_broker_properties |= is_called(entry, property::msg_region);
      break;
    case 'P':
      traits.has_broker_properties |= is_called(entry, property::pop_receipt);
      break;
    case 'T':
      if (entry[1] == 'A') return assign(property::tags, traits.indexed.tags);
      traits.has_broker_properties |= is_called(entry, property::trace_on);
      if (const auto value = PropertiesView::value_if(entry, property::transaction_prepared); !value.empty()) {
        traits.transaction = equals_ignoring_case(value, "true");
      }
      traits.timer |= is_called(entry, property::timer_delay_ms) || is_called(entry, property::timer_delay_sec) ||
                      is_called(entry, property::timer_deliver_ms);
      break;
    case 'U':
      assign(property::unique_key, traits.indexed.unique_key);
      break;
    case 'W':
      if (const auto value = PropertiesView::value_if(entry, property::wait); !value.empty()) {
        traits.wait = !equals_ignoring_case(value, "false");
      }
      break;
    default:
      break;
  }
}

}  // namespace

bool MessageTraits::is_delayed() const noexcept {
  if (delay_level.empty()) return false;
  int level = 0;
  const auto [end, error] = std::from_chars(delay_level.data(), delay_level.data() + delay_level.size(), level);
  return error != std::errc{} || level > 0;
}

// Every send comes through here, so the block is walked once and most entries are dismissed by their first letter.
// Flat, so that names are compared as the few bytes that they are.
[[gnu::flatten]] MessageTraits traits_of(const PropertiesView& properties) noexcept {
  MessageTraits traits;
  properties.for_each_entry([&traits](std::string_view entry) {
    if (entry.size() > 2) note_entry(entry, traits);
  });
  return traits;
}

}  // namespace tenon::kernel
