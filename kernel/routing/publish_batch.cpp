// SPDX-License-Identifier: Apache-2.0
// The batch half of Publisher: several messages of one topic and queue, each its own record with its own properties.
// Source: broker-semantics.md 3.5.
#include <list>
#include <utility>

#include "routing/publisher.hpp"
#include "routing/system_names.hpp"
#include "tenon/batch_queues.hpp"

namespace tenon::kernel {
namespace {

constexpr std::size_t kTopicMax = 127;
/// The memory of so many messages is kept for the next batch; of a larger one, which is rare, it is given back.
constexpr std::size_t kSpareMax = 4096;

}  // namespace

Status Publisher::check_batch(const PublishRequest& request, std::span<const BatchEntry> entries) const {
  if (entries.empty()) return Error(Errc::message_illegal, "the batch holds no message");
  if (request.message.topic.starts_with(kRetryPrefix)) {
    return Error(Errc::message_illegal, "batch request does not support retry group");
  }
  if (request.message.topic.size() > kTopicMax) {
    return Error(Errc::message_illegal, text("message topic length too long ", request.message.topic.size()));
  }
  const MessageTraits outer = traits_of(PropertiesView(request.message.properties));
  if (outer.is_delayed() || outer.timer) {
    return Error(Errc::message_illegal, "a batch cannot be delayed");
  }
  if ((request.message.sys_flag & sys_flag::inner_batch) != 0) {
    return Error(Errc::message_illegal, "whether a batch is stored as one record is for the broker to say");
  }
  if (outer.transaction || (request.message.sys_flag & sys_flag::transaction_mask) != 0) {
    return Error(Errc::message_illegal, "a batch cannot be part of a transaction");
  }
  return checks_.check_batch_size(entries);
}

void Publisher::publish_batch(const PublishRequest& request, std::span<const BatchEntry> entries,
                              const std::shared_ptr<PublishCompletion>& completion, std::uint64_t token) {
  answer_faults(completion, token, [&] { store_and_acknowledge_batch(request, entries, completion, token); });
}

void Publisher::store_and_acknowledge_batch(const PublishRequest& request, std::span<const BatchEntry> entries,
                                            const std::shared_ptr<PublishCompletion>& completion, std::uint64_t token) {
  if (const Status open = check_open_for(request.message.topic); !open)
    return completion->published(token, open.error());
  if (const Status legal = check_batch(request, entries); !legal) return completion->published(token, legal.error());
  const Result<Destination> destination = checks_.destination_of(request);
  if (!destination) return completion->published(token, destination.error());
  bool wait = false;
  Result<PublishReceipt> receipt = is_inner_batch(request, *destination)
                                       ? store_inner_batch(request, entries, *destination, wait)
                                       : store_batch(request, entries, *destination, wait);
  if (!receipt) return completion->published(token, receipt.error());
  acknowledger_.acknowledge(std::move(receipt), destination->topic, wait, completion, token);
}

Result<PublishReceipt> Publisher::store_batch(const PublishRequest& request, std::span<const BatchEntry> entries,
                                              const Destination& destination, bool& wait) {
  const Message common = addressed(request.message, destination);
  // Kept for its memory; taken, because an interceptor and whoever is woken may publish a batch, too.
  thread_local std::vector<Message> spare;
  std::vector<Message> messages = std::exchange(spare, {});
  messages.clear();
  std::list<MessageDraft> drafts;  // Keeps what interceptors have changed.
  std::list<std::string> closed;   // Keeps what may_look_torn() is about.
  for (const BatchEntry& entry : entries) {
    Message& message = messages.emplace_back(common);
    message.flag = entry.flag;
    message.properties = entry.properties;
    message.body = entry.body;
    MessageTraits traits = traits_of(PropertiesView(message.properties));
    if (interception_.concerns(traits.kinds())) {
      MessageDraft& draft = drafts.emplace_back(message);
      if (const Status allowed = interception_.run(draft, traits.kinds()); !allowed) return allowed.error();
      message = draft.message();
      if (message.topic != common.topic || message.queue_id != common.queue_id) {
        return Error(Errc::message_illegal, "a message of a batch must stay in the batch's queue");
      }
      traits = traits_of(PropertiesView(message.properties));
    }
    if (may_look_torn(message.properties)) [[unlikely]]
      message.properties = closed.emplace_back(text(message.properties, kClosing));
    if (const Status fits = checks_.check_size(message); !fits) return fits.error();
    message.indexed = traits.indexed;
    wait |= traits.wait;
  }
  PublishReceipt receipt;
  receipt.queue_id = destination.answered_queue_id;
  receipt.store_host = common.store_host;
  const Result<AppendReceipt> appended = append_batch(messages, *destination.topic, receipt.batch_physical_offsets);
  if (messages.capacity() <= kSpareMax) spare = std::move(messages);
  if (!appended) return appended.error();
  receipt.append = *appended;
  return receipt;
}

Result<AppendReceipt> Publisher::append_batch(std::span<const Message> messages, TopicEntry& topic,
                                              std::vector<PhysicalOffset>& offsets) {
  offsets.resize(messages.size());
  Result<AppendReceipt> appended =
      parts_.faults.guard(store_name_, "appending", [&] { return store_->append_batch(messages, offsets); });
  if (!appended) {
    parts_.statistics.count_put_failure();
    return appended;
  }
  const auto count = static_cast<std::int64_t>(messages.size());
  const std::int64_t bytes = appended->physical_end - appended->physical_offset;
  topic.puts->add(count, bytes);
  parts_.statistics.puts().add(count, bytes);
  const bool held = held_.hold(messages.front().topic, messages.front().queue_id, *appended);
  for (std::size_t index = 0; !held && index < messages.size() && parts_.puller.anybody_waits(); ++index) {
    AppendReceipt one = *appended;
    one.queue_offset += static_cast<std::int64_t>(index);
    one.physical_offset = offsets[index];
    one.physical_end = index + 1 < offsets.size() ? offsets[index + 1] : appended->physical_end;
    wake_pulls(messages[index], one);
  }
  listeners_.notify(messages.front().topic, messages.front().queue_id, appended->queue_offset);
  return appended;
}

}  // namespace tenon::kernel
