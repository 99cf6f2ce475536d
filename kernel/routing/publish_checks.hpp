// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "routing/broker_config.hpp"
#include "routing/message_traits.hpp"
#include "routing/topic_table.hpp"
#include "tenon/groups.hpp"
#include "tenon/publishing.hpp"
#include "tenon/queue_locks.hpp"

namespace tenon::kernel {

/// Where a message goes after the checks of a send.
struct Destination {
  TopicEntryPtr topic;
  std::int32_t queue_id = 0;           ///< Of `topic`.
  std::int32_t answered_queue_id = 0;  ///< What the producer is told: for a dead letter still that of the retry topic.
  bool dead_letter = false;
};

/// The checks of a send, in RocketMQ's order. Source: broker-semantics.md 3.1, 3.2, 3.3. Threads: any.
class PublishChecks {
 public:
  static constexpr std::size_t kPropertiesMax = 32'767;

  PublishChecks(const BrokerConfig& config, TopicTable& topics, Groups& groups, const QueueLocks& locks)
      : config_(config), topics_(topics), groups_(groups), locks_(locks) {}

  /// Topic, found or created, and queue. Errors: invalid_parameter, no_permission, topic_not_exist,
  /// subscription_group_not_exist, busy.
  Result<Destination> destination_of(const PublishRequest& request) const;
  /// The retry and the dead-letter topic of a group, created on demand.
  Result<TopicEntryPtr> retry_topic(const SubscriptionGroupConfig& group) const;
  Result<TopicEntryPtr> dead_letter_topic(std::string_view group) const;

  /// Sizes of body and properties. Error: message_illegal.
  Status check_size(const Message& message) const {
    const bool fits = message.body.size() <= static_cast<std::size_t>(config_.message_size_max_bytes) &&
                      message.properties.size() <= kPropertiesMax;
    return fits ? Status{} : too_large();
  }
  /// The same limit for a batch as it came over the wire. Error: message_illegal.
  Status check_batch_size(std::span<const BatchEntry> entries) const;
  /// Refuses what only a plug-in could do: `kinds` are those of the message that none takes care of. Error:
  /// not_supported.
  static Status check_supported(const Message& message, std::uint32_t kinds) {
    return kinds == 0 ? Status{} : refuse_kinds(message, kinds);
  }

 private:
  Status too_large() const;
  static Status refuse_kinds(const Message& message, std::uint32_t kinds);
  Status divert_exhausted_retry(const PublishRequest& request, Destination& destination) const;
  Result<TopicEntryPtr> ensure(std::string name, std::int32_t queues) const;

  const BrokerConfig& config_;
  TopicTable& topics_;
  Groups& groups_;
  const QueueLocks& locks_;
};

/// A number in 0..count-1, another one each time; 0 for a count below 1.
std::int32_t any_queue_of(std::int32_t count) noexcept;

}  // namespace tenon::kernel
