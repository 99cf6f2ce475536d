// SPDX-License-Identifier: Apache-2.0
// The send-back half of Publisher: a consumer gives a message back, it goes to the group's retry topic, or after the
// last try to its dead letters. Source: RocketMQ AbstractSendMessageProcessor.consumerSendMsgBack;
// broker-semantics.md 3.8.
#include "routing/publisher.hpp"
#include "routing/system_names.hpp"
#include "tenon/batch_queues.hpp"

namespace tenon::kernel {
namespace {

constexpr std::int32_t kFirstRetryLevel = 3;  // 10 s with the usual table of levels.

/// The offset message id: store host and physical offset in upper-case hex (remoting-protocol.md 4.8).
std::string offset_message_id(const HostAddress& host, PhysicalOffset offset) {
  std::string id;
  const auto put = [&id](std::uint64_t value, int bytes) {
    for (int shift = 8 * bytes - 4; shift >= 0; shift -= 4) id.push_back("0123456789ABCDEF"[(value >> shift) & 0xF]);
  };
  for (const std::uint8_t byte : host.bytes()) put(byte, 1);
  put(host.port(), 4);
  put(static_cast<std::uint64_t>(offset.value), 8);
  return id;
}

}  // namespace

void Publisher::send_back(const SendBackRequest& request, const std::shared_ptr<PublishCompletion>& completion,
                          std::uint64_t token) {
  answer_faults(completion, token, [&] { store_and_acknowledge_retry(request, completion, token); });
}

void Publisher::store_and_acknowledge_retry(const SendBackRequest& request,
                                            const std::shared_ptr<PublishCompletion>& completion, std::uint64_t token) {
  if (const Status open = check_open(); !open) return completion->published(token, open.error());
  Result<std::optional<Retry>> prepared = prepare_retry(request);
  if (!prepared) return completion->published(token, prepared.error());
  if (!*prepared) return completion->published(token, Result<PublishReceipt>(PublishReceipt{}));
  const Retry& retry = **prepared;
  Message message = retry.original.message;
  message.topic = retry.topic->config->name;
  message.queue_id = retry.queue_id;
  message.store_host = parts_.identity.advertised_address();
  message.reconsume_times += 1;
  message.prepared_transaction_offset = {};
  message.properties = retry.properties;
  const Result<Stored> stored = store_one(message, traits_of(PropertiesView(message.properties)), *retry.topic);
  if (!stored) return completion->published(token, stored.error());
  // The name comes from a property of the message, which may be anything.
  if (parts_.topics.lookup(retry.original_topic)) {
    parts_.statistics.of_send_backs(request.group, retry.original_topic)->add(1, 0);
  }
  Result<PublishReceipt> outcome = PublishReceipt{};
  PublishReceipt& receipt = *outcome;
  receipt.append = stored->append;
  receipt.queue_id = retry.queue_id;
  receipt.store_host = message.store_host;
  acknowledger_.acknowledge(std::move(outcome), retry.topic, stored->wait, completion, token);
}

/// False for what waits in a topic of the broker's own, half messages and delayed ones: no consumer was given it, so
/// none may give it back, and by the retry topic it would get out. RocketMQ does not look.
bool Publisher::is_readable(const Message& original) const {
  const TopicEntryPtr topic = parts_.topics.lookup(original.topic);
  return topic ? topic->sendable : is_sendable_topic(original.topic);
}

/// Empty when the group wants no retries: the message is dropped and that is a success.
Result<std::optional<Publisher::Retry>> Publisher::prepare_retry(const SendBackRequest& request) {
  const auto group = parts_.groups.find_or_create(request.group);
  if (!group) {
    return Error(Errc::subscription_group_not_exist, text("subscription group not exist, ", request.group));
  }
  if (group->retry_queue_nums <= 0) return std::optional<Retry>{};
  Result<TopicEntryPtr> topic = checks_.retry_topic(*group);
  if (!topic) return topic.error();
  if (((*topic)->config->perm & permission::write) == 0) {
    return Error(Errc::no_permission, text("the topic[", (*topic)->config->name, "] sending message is forbidden"));
  }
  Result<StoredMessage> original = parts_.faults.guard(store_name_, "reading a message",
                                                       [&] { return store_->message_at(request.physical_offset); });
  if (!original || !is_readable(original->message)) {
    return Error(Errc::internal, text("look message by offset failed, ", request.physical_offset));
  }
  // The retry topic has other queues, and the group may have failed one of its messages only. Clients then send that
  // one to the retry topic themselves.
  if ((original->message.sys_flag & sys_flag::inner_batch) != 0)
    return Error(Errc::message_illegal, text("the record at ", request.physical_offset, " holds a batch"));
  const std::int32_t limit = request.max_reconsume_times >= 0 ? request.max_reconsume_times : group->retry_max_times;
  const bool dead_letter = original->message.reconsume_times >= limit || request.delay_level < 0;
  if (dead_letter) {
    topic = checks_.dead_letter_topic(group->name);
    if (!topic) return topic.error();
  }
  Retry retry;
  retry.queue_id =
      dead_letter ? 0 : any_queue_of(std::min(group->retry_queue_nums, (*topic)->config->write_queue_nums));
  retry.topic = std::move(*topic);
  retry.original = std::move(*original);
  fill_retry_properties(request, dead_letter, retry);
  return std::optional<Retry>(std::move(retry));
}

void Publisher::fill_retry_properties(const SendBackRequest& request, bool dead_letter, Retry& retry) const {
  const Message& original = retry.original.message;
  const PropertiesView stored(original.properties);
  retry.properties = original.properties;
  const auto first_topic = stored.find(property::retry_topic);
  retry.original_topic = first_topic ? *first_topic : original.topic;
  if (!first_topic) append_property(retry.properties, property::retry_topic, original.topic);
  if (!stored.find(property::origin_message_id)) {
    append_property(retry.properties, property::origin_message_id,
                    offset_message_id(original.store_host, retry.original.physical_offset));
  }
  set_property(retry.properties, property::wait, "false");
  // Without a plug-in that delays, the level stays in the message and the message is delivered at once.
  const std::int32_t level =
      request.delay_level > 0 ? request.delay_level : kFirstRetryLevel + original.reconsume_times;
  set_property(retry.properties, property::delay, text(dead_letter ? 0 : level));
}

}  // namespace tenon::kernel
