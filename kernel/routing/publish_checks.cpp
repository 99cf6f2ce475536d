// SPDX-License-Identifier: Apache-2.0
#include "routing/publish_checks.hpp"

#include <algorithm>
#include <random>

#include "routing/faq_hint.hpp"
#include "routing/system_names.hpp"

namespace tenon::kernel {
std::int32_t any_queue_of(std::int32_t count) noexcept {
  if (count <= 1) return 0;
  thread_local std::minstd_rand random{std::random_device{}()};
  return static_cast<std::int32_t>(random() % static_cast<std::uint32_t>(count));
}

Result<Destination> PublishChecks::destination_of(const PublishRequest& request) const {
  const Message& message = request.message;
  Destination destination;
  destination.topic = topics_.lookup(message.topic);
  if (!destination.topic) {
    Result<TopicEntryPtr> created = topics_.find_or_create(message.topic, request.creation);
    if (!created) return created.error();
    destination.topic = std::move(*created);
  }
  if (!destination.topic) {
    return Error(Errc::topic_not_exist, text("topic[", message.topic, "] not exist, apply first please!", kFaqHint));
  }
  if (!destination.topic->sendable) {
    return Error(Errc::no_permission, text("Sending message to topic[", message.topic, "] is forbidden."));
  }
  const TopicConfig& topic = *destination.topic->config;
  const std::int32_t queues = std::max(topic.write_queue_nums, topic.read_queue_nums);
  if (message.queue_id >= queues || queues <= 0) {
    return Error(Errc::invalid_parameter, text("request queueId[", message.queue_id, "] is illegal, topic[", topic.name,
                                               "] has ", queues, " queues"));
  }
  destination.queue_id = message.queue_id >= 0 ? message.queue_id : any_queue_of(topic.write_queue_nums);
  destination.answered_queue_id = destination.queue_id;
  if (!destination.topic->retry_group.empty()) {
    if (const Status diverted = divert_exhausted_retry(request, destination); !diverted) return diverted.error();
  }
  return destination;
}

// A client sends to a retry topic itself when its send-back failed, and when it consumes orderly and gives a message
// up.
Status PublishChecks::divert_exhausted_retry(const PublishRequest& request, Destination& destination) const {
  const std::string group_name = destination.topic->retry_group;
  const auto group = groups_.find_or_create(group_name);
  if (!group) {
    return Error(Errc::subscription_group_not_exist, text("subscription group not exist, ", group_name, kFaqHint));
  }
  const std::int32_t limit = request.max_reconsume_times >= 0 ? request.max_reconsume_times : group->retry_max_times;
  if (request.message.reconsume_times <= limit && !locks_.is_any_locked(group_name)) return {};
  Result<TopicEntryPtr> dead_letters = dead_letter_topic(group_name);
  if (!dead_letters) return dead_letters.error();
  destination.topic = std::move(*dead_letters);
  destination.queue_id = 0;
  destination.dead_letter = true;
  return {};
}

Result<TopicEntryPtr> PublishChecks::ensure(std::string name, std::int32_t queues) const {
  if (TopicEntryPtr known = topics_.lookup(name)) return known;
  TopicConfig topic;
  topic.name = std::move(name);
  topic.read_queue_nums = topic.write_queue_nums = queues;
  return topics_.ensure(std::move(topic));
}

Result<TopicEntryPtr> PublishChecks::retry_topic(const SubscriptionGroupConfig& group) const {
  return ensure(retry_topic_of(group.name), group.retry_queue_nums);
}

Result<TopicEntryPtr> PublishChecks::dead_letter_topic(std::string_view group) const {
  return ensure(dead_letter_topic_of(group), 1);
}

Status PublishChecks::too_large() const {
  return Error(Errc::message_illegal,
               text("the message is illegal, maybe msg body or properties length not matched. msg body length limit ",
                    config_.message_size_max_bytes, "B, msg properties length limit 32KB."));
}

Status PublishChecks::check_batch_size(std::span<const BatchEntry> entries) const {
  constexpr std::size_t kEntryOverhead = 22;  // five 32-bit fields and the length of the properties
  const auto batch_max = static_cast<std::size_t>(config_.message_size_max_bytes);
  std::size_t total = 0;
  for (const BatchEntry& entry : entries) total += kEntryOverhead + entry.body.size() + entry.properties.size();
  if (total <= batch_max) return {};
  return Error(Errc::message_illegal,
               text("the batch of ", entries.size(), " messages has ", total, " bytes, the limit is ", batch_max));
}

Status PublishChecks::refuse_kinds(const Message& message, std::uint32_t kinds) {
  // Retries and dead letters keep the properties of their original; a retry without a plug-in that delays comes at
  // once.
  if (message.topic.starts_with(kRetryPrefix) || message.topic.starts_with(kDeadLetterPrefix)) return {};
  if ((kinds & message_kind::transactional) != 0) {
    return Error(Errc::not_supported, text("transaction message to topic[", message.topic,
                                           "] refused: no loaded plug-in offers transactions"));
  }
  return Error(Errc::not_supported, text("delayed message to topic[", message.topic,
                                         "] refused: no loaded plug-in offers delayed delivery"));
}

}  // namespace tenon::kernel
