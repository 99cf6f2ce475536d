// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string_view>

/// Topics, group, tags and properties of RocketMQ's POP consumption.
/// Source: ../shared/reference/broker-semantics.md 10; golden/store/pop-5.4.0.
namespace tenon::pop {

/// And the name of the cluster: check points and acknowledgements that are due.
inline constexpr std::string_view kReviveTopicPrefix = "rmq_sys_REVIVE_LOG_";
inline constexpr std::int32_t kReviveQueues = 8;
/// Its consumer offsets of the revive topic say how far everything was looked at.
inline constexpr std::string_view kReviveGroup = "CID_RMQ_SYS_REVIVE_GROUP";
/// Stands for a revive queue in receipts of messages that were given out in order.
inline constexpr std::int32_t kOrderedReviveQueue = 999;

/// What the records of the revive topic are, by their tag.
inline constexpr std::string_view kCheckPointTag = "ck";
inline constexpr std::string_view kAcknowledgementTag = "ack";
inline constexpr std::string_view kBatchAcknowledgementTag = "bAck";

namespace property {
inline constexpr std::string_view receipt = "POP_CK";
inline constexpr std::string_view first_pop_time = "1ST_POP_TIME";
inline constexpr std::string_view origin_group = "ORIGIN_GROUP";
}  // namespace property

}  // namespace tenon::pop
