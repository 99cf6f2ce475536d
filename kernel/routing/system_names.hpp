// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string_view>
#include <vector>

#include "routing/broker_config.hpp"
#include "tenon/groups.hpp"
#include "tenon/topics.hpp"

namespace tenon::kernel {

/// Names with a meaning of their own. Source: RocketMQ TopicValidator.java, MixAll.java, TopicConfigManager.java;
/// ../shared/reference/store-format.md section 10, broker-semantics.md 2.2 and 2.5.
namespace system_topic {
inline constexpr std::string_view auto_create_template = "TBW102";
inline constexpr std::string_view schedule = "SCHEDULE_TOPIC_XXXX";
inline constexpr std::string_view trace = "RMQ_SYS_TRACE_TOPIC";
}  // namespace system_topic

inline constexpr std::string_view kRetryPrefix = "%RETRY%";
inline constexpr std::string_view kDeadLetterPrefix = "%DLQ%";
inline constexpr std::string_view kSystemGroupPrefix = "CID_RMQ_SYS_";

/// The topics that exist from the first start on; those of topics.json win over them.
std::vector<TopicConfig> built_in_topics(const BrokerConfig& config);
/// True for a name that clients may neither create nor delete.
bool is_system_topic(std::string_view topic, const BrokerConfig& config);
/// False for topics that only the broker itself writes to.
bool is_sendable_topic(std::string_view topic);
/// The groups that exist from the first start on.
std::vector<SubscriptionGroupConfig> built_in_groups();

}  // namespace tenon::kernel
