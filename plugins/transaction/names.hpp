// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string_view>

/// Topics, group and properties of RocketMQ's transactions.
/// Source: ../shared/reference/store-format.md 10, remoting-protocol.md 4.5; golden/store/transaction-5.4.0.
namespace tenon::transaction {

inline constexpr std::string_view kHalfTopic = "RMQ_SYS_TRANS_HALF_TOPIC";
inline constexpr std::string_view kOpTopic = "RMQ_SYS_TRANS_OP_HALF_TOPIC";
inline constexpr std::string_view kDiscardTopic = "TRANS_CHECK_MAX_TIME_TOPIC";
/// All three have one queue.
inline constexpr std::int32_t kQueue = 0;
/// Its consumer offsets of the half and the op topic say how far everything has ended.
inline constexpr std::string_view kGroup = "CID_RMQ_SYS_TRANS";
/// Tag of an op record: "these half messages have ended".
inline constexpr std::string_view kRemoveTag = "d";

namespace property {
inline constexpr std::string_view transaction_id = "__transactionId__";
inline constexpr std::string_view check_times = "TRANSACTION_CHECK_TIMES";
inline constexpr std::string_view immunity_seconds = "CHECK_IMMUNITY_TIME_IN_SECONDS";
/// Of a half message that was stored again: the offset at which its transaction began.
inline constexpr std::string_view first_half_offset = "TRAN_PREPARED_QUEUE_OFFSET";
}  // namespace property

}  // namespace tenon::transaction
