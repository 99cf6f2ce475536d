// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string_view>

/// Names of RocketMQ that delayed delivery uses. Source: MessageConst.java, TopicValidator.java,
/// TimerMessageStore.java;
/// ../shared/reference/store-format.md sections 10 and 11.
namespace tenon::delay {

inline constexpr std::string_view kScheduleTopic = "SCHEDULE_TOPIC_XXXX";
inline constexpr std::string_view kTimerTopic = "rmq_sys_wheel_timer";
inline constexpr std::string_view kHalfTopic = "RMQ_SYS_TRANS_HALF_TOPIC";
inline constexpr std::string_view kRetryPrefix = "%RETRY%";
inline constexpr std::string_view kDeadLetterPrefix = "%DLQ%";

namespace timer_property {
inline constexpr std::string_view out_ms = "TIMER_OUT_MS";           ///< The time that decides about the slot.
inline constexpr std::string_view delete_key = "TIMER_DEL_UNIQKEY";  ///< Unique key of the message taken back.
inline constexpr std::string_view enqueue_ms = "TIMER_ENQUEUE_MS";   ///< When it was noted in the wheel.
inline constexpr std::string_view dequeue_ms = "TIMER_DEQUEUE_MS";   ///< When it was taken out.
inline constexpr std::string_view roll_times = "TIMER_ROLL_TIMES";   ///< How often it was stored again on its way.
}  // namespace timer_property

inline constexpr std::string_view kRecallTag = "_RECALL_TAG_";

/// Where the interceptor stands: behind transactions, so that a delay begins with the commit.
inline constexpr int kInterceptorOrder = 2000;

}  // namespace tenon::delay
