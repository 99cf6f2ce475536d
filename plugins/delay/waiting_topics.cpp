// SPDX-License-Identifier: Apache-2.0
#include "waiting_topics.hpp"

#include <charconv>

namespace tenon::delay {

// Source: store-format.md 3.1. A record without a level has a hash there, like any other.
std::int64_t ScheduleTopic::tags_code(const PropertiesView& properties,
                                      std::int64_t store_timestamp_ms) const noexcept {
  const std::string_view value = properties.find(property::delay).value_or("");
  std::int32_t level = 0;
  std::from_chars(value.data(), value.data() + value.size(), level);
  return level > 0 ? levels_->deliver_time_ms(level, store_timestamp_ms) : tags_code_of(properties);
}

}  // namespace tenon::delay
