// SPDX-License-Identifier: Apache-2.0
#include "routing/publisher.hpp"

#include <algorithm>
#include <array>
#include <random>

#include "routing/light_queues.hpp"
#include "tenon/batch_queues.hpp"

namespace tenon::kernel {
namespace {

using Completion = std::shared_ptr<PublishCompletion>;

/// Stands in unique keys where a client writes its address; the broker's is not known when it begins.
constexpr std::array<std::uint8_t, 4> kNoAddress{};

/// Source: the properties that a client may have copied from a received message.
constexpr std::array kOurs{property::msg_region, property::trace_on, property::cluster, property::pop_receipt};

}  // namespace

Publisher::Publisher(const Parts& parts)
    : parts_(parts),
      checks_(parts.config, parts.topics, parts.groups, parts.locks),
      acknowledger_(parts.topics, parts.role, parts.faults, parts.config.sync_flush_timeout),
      unique_ids_(kNoAddress, std::random_device{}()),
      interception_(parts.faults) {
  nowhere_->puts = std::make_shared<TrafficCounters>();
  append_property(common_properties_, property::msg_region, parts_.config.region);
  append_property(common_properties_, property::trace_on, parts_.config.trace_on ? "true" : "false");
  append_property(common_properties_, property::cluster, parts_.config.cluster);
}

void Publisher::wire(Keyed<MessageStore> store, std::vector<Keyed<PublishInterceptor>> interceptors,
                     std::vector<Keyed<CommitGate>> gates, const AppendHints* hints) {
  store_ = store.service;
  hints_ = hints;
  store_name_ = std::move(store.provider);
  interception_.wire(std::move(interceptors));
  acknowledger_.wire(std::move(gates));
}

Status Publisher::check_open() const {
  if (store_ == nullptr) return Error(Errc::service_not_available, "no message store is loaded: this is no broker");
  if (draining_.load(std::memory_order_relaxed)) return Error(Errc::shutting_down, "the broker is shutting down");
  return parts_.role.check_taking();
}

Status Publisher::check_open_for(std::string_view topic) const {
  if (!parts_.drain.refuses(topic)) [[likely]]
    return check_open();
  return Error(Errc::no_permission, text("the broker[", parts_.identity.advertised_address(),
                                         "] sending message is forbidden: it is drained"));
}

void Publisher::publish(const PublishRequest& request, const Completion& completion, std::uint64_t token) {
  answer_faults(completion, token, [&] { store_and_acknowledge(request, completion, token); });
}

void Publisher::store_and_acknowledge(const PublishRequest& request, const Completion& completion,
                                      std::uint64_t token) {
  if (hints_ != nullptr) hints_->expect(request.message.topic, request.message.queue_id);
  if (const Status open = check_open_for(request.message.topic); !open)
    return completion->published(token, open.error());
  const Result<Destination> destination = checks_.destination_of(request);
  if (!destination) return completion->published(token, destination.error());
  if ((request.message.sys_flag & sys_flag::inner_batch) != 0) [[unlikely]]
    return completion->published(token, Error(Errc::message_illegal, "a single message cannot be an inner batch"));
  const MessageTraits traits = traits_of(PropertiesView(request.message.properties));
  Message message = addressed(request.message, *destination);
  message.properties = broker_properties(request, traits, destination->dead_letter);
  if (!traits.indexed.unique_key.empty()) message.indexed = traits.indexed;  // else it has got one just now
  Result<Stored> stored = store_one(message, traits, *destination->topic);
  if (!stored) return completion->published(token, stored.error());
  Result<PublishReceipt> outcome = PublishReceipt{};
  PublishReceipt& receipt = *outcome;
  receipt.append = stored->append;
  receipt.queue_id = destination->answered_queue_id;
  receipt.store_host = message.store_host;
  receipt.unique_key = traits.indexed.unique_key;
  receipt.recall_handle = std::move(stored->recall_handle);
  acknowledger_.acknowledge(std::move(outcome), destination->topic, stored->wait, completion, token);
}

/// Where it is to be stored, with what the topic says about it.
Message Publisher::addressed(const Message& sent, const Destination& destination) const {
  const TopicConfig& topic = *destination.topic->config;
  Message message = sent;
  message.topic = topic.name;
  message.queue_id = destination.queue_id;
  message.store_host = parts_.identity.advertised_address();
  if (topic.filter_type == TopicFilterType::multi_tag) message.sys_flag |= sys_flag::multi_tags;
  return message;
}

/// The properties as they are stored. The view is good until the next message of this thread.
std::string_view Publisher::broker_properties(const PublishRequest& request, const MessageTraits& traits,
                                              bool dead_letter) {
  thread_local std::string properties;
  properties.assign(request.message.properties);
  if (request.add_broker_properties) {
    if (traits.has_broker_properties) {
      for (const std::string_view name : kOurs) remove_property(properties, name);
    }
    // The closing separator that 4.9 clients leave off.
    if (!properties.empty() && properties.back() != kClosing) properties.push_back(kClosing);
    properties.append(common_properties_);
    if (traits.indexed.unique_key.empty()) {
      append_property(properties, property::unique_key, as_view(unique_ids_.next(parts_.now())));
    }
  }
  if (dead_letter) set_property(properties, property::delay, "-1");
  return properties;
}

Result<Publisher::Stored> Publisher::store_one(const Message& message, const MessageTraits& traits, TopicEntry& topic) {
  const std::uint32_t kinds = traits.kinds();
  if (interception_.concerns(kinds)) return intercept_and_append(message, kinds, topic);
  if (const Status supported = PublishChecks::check_supported(message, kinds); !supported) return supported.error();
  if (const Status fits = checks_.check_size(message); !fits) return fits.error();
  const Result<AppendReceipt> appended = append(message, topic);
  if (!appended) return appended.error();
  return Stored{*appended, traits.wait};
}

Result<Publisher::Stored> Publisher::intercept_and_append(const Message& message, std::uint32_t kinds,
                                                          TopicEntry& topic) {
  // Their own copy: who publishes while it sees a message uses the thread's buffer for that one.
  const std::string properties(message.properties);
  Message seen = message;
  seen.properties = properties;
  MessageDraft draft(seen);
  if (const Status allowed = interception_.run(draft, kinds); !allowed) return allowed.error();
  const Message& changed = draft.message();
  const MessageTraits traits = traits_of(draft.properties());
  // Whoever handles a message sends it to a topic of its own, which then counts it and may be told of it.
  const TopicEntryPtr own = changed.topic == message.topic ? nullptr : entry_for_delivery(changed.topic);
  // Who names no kinds and moves a message takes care of it, but not of a transaction by the way: it would go out
  // without a commit.
  const std::uint32_t moved = own && interception_.sees_all() ? ~message_kind::transactional : 0;
  const std::uint32_t left = traits.kinds() & ~interception_.handled() & ~moved;
  if (const Status supported = PublishChecks::check_supported(message, left); !supported) return supported.error();
  if (const Status fits = checks_.check_size(changed); !fits) return fits.error();
  const Result<AppendReceipt> appended = append(changed, own ? *own : topic);
  if (!appended) return appended.error();
  Stored stored{*appended, traits.wait};
  if (!draft.recall_handle().empty()) stored.recall_handle = std::make_shared<std::string>(draft.recall_handle());
  return stored;
}

Result<AppendReceipt> Publisher::append(const Message& message, TopicEntry& topic) {
  // What is delivered was accepted once, and must not be refused for its length.
  if (may_look_torn(message.properties) && message.properties.size() < PublishChecks::kPropertiesMax) [[unlikely]] {
    const std::string closed = text(message.properties, kClosing);
    Message same = message;
    same.properties = closed;
    return append(same, topic);
  }
  Result<AppendReceipt> appended =
      parts_.faults.guard(store_name_, "appending", [&] { return store_->append(message); });
  if (!appended) {
    parts_.statistics.count_put_failure();
    return appended;
  }
  const std::int64_t bytes = appended->physical_end - appended->physical_offset;
  topic.puts->add(1, bytes);
  parts_.statistics.puts().add(1, bytes);
  if (topic.owner != nullptr) topic.owner->appended(message, *appended);
  const bool held = held_.hold(message.topic, message.queue_id, *appended);
  if (held && parts_.config.light_queues) hold_light_queues(message, *appended);
  if (!held && parts_.puller.anybody_waits()) wake_pulls(message, *appended);
  listeners_.notify(message.topic, message.queue_id, appended->queue_offset);
  return appended;
}

void Publisher::hold_back(ReadableEnd& end, const boost::asio::any_io_executor& disk) {
  whole_log_ = &end.whole_log();
  telling_all_ = std::make_shared<RerunOnDemand>(disk, [this] { tell_all_readable(); });
  held_.wire(
      end, [this](std::string_view topic, std::int32_t queue_id) { tell_readable(topic, queue_id); },
      [this] { telling_all_->ask(); });
}

/// The store decides which of the queues that a message names are queues, and makes them.
void Publisher::hold_light_queues(const Message& message, const AppendReceipt& receipt) {
  for (const std::string_view queue : light_queues_of(PropertiesView(message.properties))) {
    if (whole_log_->bounds(queue, 0).max.value > 0) (void)held_.hold(queue, 0, receipt);
  }
}

void Publisher::drain() {
  draining_.store(true);
  if (telling_all_) telling_all_->stop();
}

void Publisher::tell_readable(std::string_view topic, std::int32_t queue_id) {
  const QueueOffset readable = parts_.puller.became_readable(topic, queue_id);
  if (readable.value > 0) listeners_.notify_readable(topic, queue_id, readable - 1);
}

void Publisher::inherit_log() {
  if (store_ != nullptr) held_.inherit(store_->status().max_physical_offset);
}

void Publisher::tell_all_readable() {
  parts_.puller.look_again();  // those of light queues, too, which no table names
  for (const auto& topic : parts_.topics.list()) {
    const std::int32_t queues = std::max(topic->read_queue_nums, topic->write_queue_nums);
    for (std::int32_t queue_id = 0; queue_id < queues; ++queue_id) tell_readable(topic->name, queue_id);
  }
}

void Publisher::wake_pulls(const Message& message, const AppendReceipt& receipt) {
  if ((message.sys_flag & sys_flag::inner_batch) != 0) {
    // Whatever tags they wait for, its messages may have them.
    (void)parts_.puller.became_readable(message.topic, message.queue_id);
    return;
  }
  const PropertiesView properties(message.properties);
  const std::int64_t tags_code = message.indexed ? message.indexed->tags_code() : tags_code_of(properties);
  const auto size = static_cast<std::int32_t>(receipt.physical_end - receipt.physical_offset);
  parts_.puller.message_arrived({message.topic, message.queue_id, receipt.queue_offset,
                                 IndexEntry{receipt.physical_offset, size, tags_code}, properties});
  if (parts_.config.light_queues) wake_light_pulls({receipt.physical_offset, size, tags_code}, properties);
}

/// The store has put the message there; at which offsets it says in the record only, but there is none behind the end.
void Publisher::wake_light_pulls(const IndexEntry& entry, const PropertiesView& properties) {
  for (const std::string_view queue : light_queues_of(properties)) {
    const QueueBounds bounds = store_->bounds(queue, 0);
    if (bounds.max > bounds.min) parts_.puller.message_arrived({queue, 0, {bounds.max.value - 1}, entry, properties});
  }
}

}  // namespace tenon::kernel
