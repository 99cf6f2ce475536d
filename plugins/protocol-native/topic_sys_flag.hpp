// SPDX-License-Identifier: Apache-2.0
// Bits of a topic's system flag. Source: RocketMQ TopicSysFlag.java.
#pragma once

#include <cstdint>

namespace tenon::protocol_native {

inline constexpr std::int32_t kUnit = 1;              ///< The topic is of one unit.
inline constexpr std::int32_t kUnitSubscription = 2;  ///< A retry topic of such a unit.

}  // namespace tenon::protocol_native
