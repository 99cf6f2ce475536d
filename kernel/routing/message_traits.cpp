// SPDX-License-Identifier: Apache-2.0
#include "routing/message_traits.hpp"

#include <algorithm>
#include <charconv>

namespace tenon::kernel {
namespace {

constexpr char kNameEnd = '\x01';
constexpr char kEntryEnd = '\x02';

bool equals_ignoring_case(std::string_view text, std::string_view lower) {
  return std::ranges::equal(text, lower, [](char a, char b) { return (a >= 'A' && a <= 'Z' ? a + ('a' - 'A') : a) == b; });
}

/// The value, if the entry (`name 0x01 value`) has this name; else, and for an empty value, nothing.
std::string_view value_if(std::string_view entry, std::string_view name) {
  const bool named = entry.size() > name.size() + 1 && entry[name.size()] == kNameEnd && entry.starts_with(name);
  return named ? entry.substr(name.size() + 1) : std::string_view{};
}

bool is_called(std::string_view entry, std::string_view name) { return !value_if(entry, name).empty(); }

void note_entry(std::string_view entry, MessageTraits& traits) {
  const auto assign = [entry](std::string_view name, std::string_view& value) {
    if (const std::string_view found = value_if(entry, name); !found.empty()) value = found;
  };
  switch (entry.front()) {
    case 'C': traits.has_broker_properties |= is_called(entry, property::cluster); break;
    case 'D': assign(property::delay, traits.delay_level); break;
    case 'M': traits.has_broker_properties |= is_called(entry, property::msg_region); break;
    case 'P': traits.has_broker_properties |= is_called(entry, property::pop_receipt); break;
    case 'T':
      if (entry[1] == 'A') break;  // TAGS: most messages have it, and the broker does not care.
      traits.has_broker_properties |= is_called(entry, property::trace_on);
      if (const auto value = value_if(entry, property::transaction_prepared); !value.empty()) {
        traits.transaction = equals_ignoring_case(value, "true");
      }
      traits.timer |= is_called(entry, property::timer_delay_ms) || is_called(entry, property::timer_delay_sec) ||
                      is_called(entry, property::timer_deliver_ms);
      break;
    case 'U': assign(property::unique_key, traits.unique_key); break;
    case 'W':
      if (const auto value = value_if(entry, property::wait); !value.empty()) {
        traits.wait = !equals_ignoring_case(value, "false");
      }
      break;
    default: break;
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
MessageTraits traits_of(const PropertiesView& properties) noexcept {
  MessageTraits traits;
  std::string_view rest = properties.wire();
  while (!rest.empty()) {
    const std::size_t end = rest.find(kEntryEnd);
    const std::string_view entry = rest.substr(0, end);
    rest.remove_prefix(end == std::string_view::npos ? rest.size() : end + 1);
    if (entry.size() > 2) note_entry(entry, traits);
  }
  return traits;
}

}  // namespace tenon::kernel
