// SPDX-License-Identifier: Apache-2.0
// Batches for topics with batch queues: one record that holds the batch as the client has encoded it, and which clients
// take apart. Source: RocketMQ SendMessageProcessor.sendBatchMessage; broker-semantics.md 3.5.
#include "routing/publisher.hpp"
#include "tenon/batch_queues.hpp"

namespace tenon::kernel {

/// As in RocketMQ: a batch without a key of its own, as clients before 5.0 and in other languages send, is stored
/// message by message there, too.
bool Publisher::is_inner_batch(const PublishRequest& request, const Destination& destination) {
  return destination.topic->batches && !request.message.body.empty() &&
         PropertiesView(request.message.properties).find(property::unique_key);
}

Result<PublishReceipt> Publisher::store_inner_batch(const PublishRequest& request, std::span<const BatchEntry> entries,
                                                    const Destination& destination, bool& wait) {
  const auto count = static_cast<std::int64_t>(entries.size());
  if (count > kInnerBatchMax)
    return Error(Errc::message_illegal, text("a batch of ", count, " messages, allowed are ", kInnerBatchMax));
  for (const BatchEntry& entry : entries) {
    if (traits_of(PropertiesView(entry.properties)).kinds() != 0)
      return Error(Errc::message_illegal, "a message of an inner batch can neither be delayed nor be transactional");
  }
  const MessageTraits traits = traits_of(PropertiesView(request.message.properties));
  TopicEntry& topic = *destination.topic;
  Message message = addressed(request.message, destination);
  message.sys_flag |= sys_flag::needs_unwrap | sys_flag::inner_batch;
  std::string properties(broker_properties(request, traits, false));
  remove_property(properties, property::inner_base);
  set_property(properties, property::inner_num, std::to_string(count));
  message.properties = properties;
  const Result<Stored> stored = store_one(message, traits, topic);
  if (!stored) return stored.error();
  // The record was counted as one message and one call when it was appended.
  for (TrafficCounters* counters : {topic.puts.get(), &parts_.statistics.puts()})
    counters->messages.fetch_add(count - 1, std::memory_order_relaxed);
  wait = stored->wait;
  PublishReceipt receipt;
  receipt.append = stored->append;
  receipt.queue_id = destination.answered_queue_id;
  receipt.store_host = message.store_host;
  receipt.unique_key = traits.indexed.unique_key;
  return receipt;
}

}  // namespace tenon::kernel
