// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string_view>
#include <vector>

#include "tenon/groups.hpp"
#include "tenon/properties.hpp"
#include "tenon/topics.hpp"

/// Light queues (RocketMQ's LMQ), as the routing sees them with `broker.light_queues`: every name `%LMQ%...` is a topic
/// with one queue, and a group, that nobody makes and no file keeps. Their messages are those of other topics, put
/// there by the store. Source: RocketMQ LmqTopicConfigManager, LmqSubscriptionGroupManager; broker-semantics.md 2.5.
namespace tenon::kernel {

/// Any letters may follow the prefix, because the names are made of those of MQTT; as many as a topic's name may have.
bool is_light(std::string_view name) noexcept;
TopicConfig light_topic(std::string_view name);
SubscriptionGroupConfig light_group(std::string_view name);

/// The light queues that a message names. The store has the last word on them.
std::vector<std::string_view> light_queues_of(const PropertiesView& properties);

}  // namespace tenon::kernel
