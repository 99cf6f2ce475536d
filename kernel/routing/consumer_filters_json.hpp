// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "routing/consumer_filter.hpp"

namespace tenon::kernel {

/// Content of `config/consumerFilter.json`, byte for byte as RocketMQ writes it. `filters` in any order.
/// Source: RocketMQ ConsumerFilterManager.java; store-format.md 9.3.
std::string encode_consumer_filters(std::vector<ConsumerFilterPtr> filters);
/// Entries without a topic, group, type or expression are left out; none is compiled. Error: message_illegal.
Result<std::vector<ConsumerFilter>> decode_consumer_filters(std::string_view json);

}  // namespace tenon::kernel
