// SPDX-License-Identifier: Apache-2.0
#include "routing/publisher.hpp"

#include <array>
#include <random>

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
      acknowledger_(parts.topics, parts.faults, parts.config.sync_flush_timeout),
      unique_ids_(kNoAddress, std::random_device{}()) {
  append_property(common_properties_, property::msg_region, parts_.config.region);
  append_property(common_properties_, property::trace_on, parts_.config.trace_on ? "true" : "false");
  append_property(common_properties_, property::cluster, parts_.config.cluster);
}

void Publisher::wire(Keyed<MessageStore> store, std::vector<Keyed<PublishInterceptor>> interceptors,
                     std::vector<Keyed<CommitGate>> gates) {
  store_ = store.service;
  store_name_ = std::move(store.provider);
  interceptors_ = std::move(interceptors);
  acknowledger_.wire(std::move(gates));
}

Status Publisher::check_open() const {
  if (store_ == nullptr) return Error(Errc::service_not_available, "no message store is loaded: this is no broker");
  if (draining_.load(std::memory_order_relaxed)) return Error(Errc::shutting_down, "the broker is shutting down");
  return {};
}

void Publisher::publish(const PublishRequest& request, const Completion& completion, std::uint64_t token) {
  answer_faults(completion, token, [&] { store_and_acknowledge(request, completion, token); });
}

void Publisher::store_and_acknowledge(const PublishRequest& request, const Completion& completion,
                                      std::uint64_t token) {
  if (const Status open = check_open(); !open) return completion->published(token, open.error());
  const Result<Destination> destination = checks_.destination_of(request);
  if (!destination) return completion->published(token, destination.error());
  const MessageTraits traits = traits_of(PropertiesView(request.message.properties));
  TopicEntry& topic = *destination->topic;
  Message message = request.message;
  message.topic = topic.config->name;
  message.queue_id = destination->queue_id;
  message.store_host = parts_.identity.advertised_address();
  if (topic.config->filter_type == TopicFilterType::multi_tag) message.sys_flag |= sys_flag::multi_tags;
  message.properties = broker_properties(request, traits, destination->dead_letter);
  message.tags_code = traits.tags_code();
  const Result<Stored> stored = store_one(message, traits, topic);
  if (!stored) return completion->published(token, stored.error());
  PublishReceipt receipt;
  receipt.append = stored->append;
  receipt.queue_id = destination->answered_queue_id;
  receipt.store_host = message.store_host;
  receipt.unique_key = traits.unique_key;
  acknowledger_.acknowledge(std::move(receipt), destination->topic, stored->wait, completion, token);
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
    if (!properties.empty() && properties.back() != '\x02') properties.push_back('\x02');
    properties.append(common_properties_);
    if (traits.unique_key.empty()) {
      append_property(properties, property::unique_key, as_view(unique_ids_.next(parts_.now())));
    }
  }
  if (dead_letter) set_property(properties, property::delay, "-1");
  return properties;
}

Result<Publisher::Stored> Publisher::store_one(const Message& message, const MessageTraits& traits, TopicEntry& topic) {
  if (!interceptors_.empty()) return intercept_and_append(message, topic);
  if (const Status supported = PublishChecks::check_supported(message, traits); !supported) return supported.error();
  const Result<AppendReceipt> appended = append(message, topic);
  if (!appended) return appended.error();
  return Stored{*appended, traits.wait};
}

Status Publisher::intercept(MessageDraft& draft) {
  for (const auto& [key, interceptor, instance] : interceptors_) {
    const auto ask = [&draft, interceptor = interceptor] { return interceptor->intercept(draft); };
    if (Status allowed = parts_.faults.guard(instance, "intercepting a message", ask); !allowed) return allowed;
  }
  return {};
}

Result<Publisher::Stored> Publisher::intercept_and_append(const Message& message, TopicEntry& topic) {
  MessageDraft draft(message);
  if (const Status allowed = intercept(draft); !allowed) return allowed.error();
  const MessageTraits traits = traits_of(draft.properties());
  // Whoever handles a delayed or transactional message sends it to a topic of its own first.
  if (draft.message().topic == message.topic) {
    if (const Status supported = PublishChecks::check_supported(draft.message(), traits); !supported)
      return supported.error();
  }
  const Result<AppendReceipt> appended = append(draft.message(), topic);
  if (!appended) return appended.error();
  return Stored{*appended, traits.wait};
}

Result<AppendReceipt> Publisher::append(const Message& message, TopicEntry& topic) {
  Status fits = checks_.check_size(message);
  if (!fits) return fits.error();
  Result<AppendReceipt> appended =
      parts_.faults.guard(store_name_, "appending", [&] { return store_->append(message); });
  if (!appended) {
    parts_.statistics.count_put_failure();
    return appended;
  }
  const std::int64_t bytes = appended->physical_end - appended->physical_offset;
  topic.puts->add(1, bytes);
  parts_.statistics.puts().add(1, bytes);
  if (parts_.puller.anybody_waits()) wake_pulls(message, *appended);
  return appended;
}

void Publisher::wake_pulls(const Message& message, const AppendReceipt& receipt) {
  const PropertiesView properties(message.properties);
  const std::int64_t tags_code = message.tags_code ? *message.tags_code : tags_code_of(properties);
  const auto size = static_cast<std::int32_t>(receipt.physical_end - receipt.physical_offset);
  parts_.puller.message_arrived({message.topic, message.queue_id, receipt.queue_offset,
                                 IndexEntry{receipt.physical_offset, size, tags_code}, properties});
}

}  // namespace tenon::kernel
