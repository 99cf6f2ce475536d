// SPDX-License-Identifier: Apache-2.0
// The way of messages into the log and out of it.
#include <utility>

#include "protocol-mqtt/hub.hpp"
#include "protocol-mqtt/mapping/record_mapping.hpp"
#include "record/read_records.hpp"
#include "tenon/batch_queues.hpp"

namespace tenon::protocol_mqtt {

using mqtt::ReasonCode;

/// Publishing answers whatever happens; what fails before it or behind it is answered here.
void Hub::store(const IncomingMessage& incoming, std::uint64_t token) {
  if (attempt("storing a message", [&] { store_whole(incoming, token); })) return;
  marks_missing_ = true;
  engine_.stored(token, ReasonCode::unspecified_error);
}

void Hub::store_whole(const IncomingMessage& incoming, std::uint64_t token) {
  const Message& message = incoming.message;
  if (message.qos == 0 && !settings_.store_qos0) return dispatch_unstored(incoming, token);
  const TopicMap::Route route = map_.route_of(message.topic, *broker_.topics);
  const auto properties = record_properties(
      incoming,
      {settings_.user_properties, level_of(message.topic, route.tag_level), level_of(message.topic, route.keys_level)});
  if (!properties) {
    log().debug("refused a message to '", message.topic, "': ", properties.error().message());
    return engine_.stored(token, reason_of(properties.error()));
  }
  const auto config = broker_.topics->find(route.topic);
  PublishRequest request;
  request.creation.template_topic = "TBW102";
  request.producer_group = "MQTT";
  request.message.topic = route.topic;
  request.message.queue_id =
      queue_of(route.order_by_client ? message.publisher : message.topic, config ? config->write_queue_nums : 1);
  request.message.born_timestamp_ms = broker_.host->now_ms();
  request.message.born_host = incoming.remote_address;
  request.message.properties = *properties;
  request.message.body = std::as_bytes(std::span(message.payload));
  const bool dispatched_anyway = listening_ || message.retain;
  if (!listening_ && message.retain) queues_.skip_read(*broker_.store, route.topic, request.message.queue_id);
  ++stores_pending_;
  broker_.publishing->publish(request, completion_, token);
  if (dispatched_anyway) {
    queues_.mark(route.topic, request.message.queue_id);
    marked_ = true;
  }
  if (turn_depth_ == 0) post_turn();
}

/// For a QoS 0 message that the configuration keeps out of the log.
void Hub::dispatch_unstored(const IncomingMessage& incoming, std::uint64_t token) {
  engine_.dispatch(incoming.message);
  engine_.stored(token, ReasonCode::success);
}

void Hub::stored(std::uint64_t token, const Result<PublishReceipt>& outcome) noexcept {
  --stores_pending_;
  const Turn turn(*this);
  attempt("confirming a message", [&] { confirm(token, outcome); });
}

void Hub::confirm(std::uint64_t token, const Result<PublishReceipt>& outcome) {
  if (!outcome) {
    constexpr std::uint64_t kSaidEvery = 1000;  // a full disk refuses all of them, and may hold the log, too
    if (stores_refused_++ % kSaidEvery == 0) {
      log().warn("a message was not stored (", stores_refused_, " so far): ", outcome.error().message());
    }
    return engine_.stored(token, reason_of(outcome.error()));
  }
  if (!outcome->degraded) return engine_.stored(token, ReasonCode::success);
  engine_.stored_unsafely(token);
}

ReasonCode Hub::reason_of(const Error& error) const {
  if (error.is(Errc::message_illegal)) return ReasonCode::quota_exceeded;
  if (error.is(Errc::busy) || error.is(Errc::service_not_available)) return ReasonCode::quota_exceeded;
  if (error.is(Errc::no_permission)) return ReasonCode::not_authorized;
  if (error.is(Errc::topic_not_exist) || error.is(Errc::invalid_parameter)) return ReasonCode::topic_name_invalid;
  if (error.is(Errc::not_supported)) return ReasonCode::implementation_specific_error;
  return ReasonCode::unspecified_error;
}

/// A record that cannot be dispatched stays the next one of its queue for some seconds, and is then passed over.
void Hub::dispatch_records(const ReadResult& read, AppendQueues::Queue& queue) {
  constexpr int kTriesMax = 10;
  record::for_each_record(read, [&](const record::RecordView& view) {
    queue.next = view.queue_offset();
    if (++queue.tries <= kTriesMax) {
      dispatch_record(view);
    } else {
      ++engine_.counters().publishes_dropped;
      log().error("passed over what cannot be dispatched: ", queue.topic, " queue ", queue.queue_id, " at ",
                  queue.next.value);
    }
    queue.tries = 0;
  });
}

/// Throws before the message has reached anybody.
void Hub::dispatch_record(const record::RecordView& view) {
  if ((view.sys_flag() & sys_flag::inner_batch) != 0) {  // sessions keep messages by the place of their record
    ++engine_.counters().publishes_dropped;
    if (std::exchange(told_of_batches_, true)) return;
    return log().warn("batches of topics with queue.type=BatchCQ, such as ", view.topic(),
                      ", are not given to MQTT clients");
  }
  const bool used = with_message_of(view.message(), view.physical_offset(), map_, [this](const Message& message) {
    note_inbound(message);
    engine_.dispatch(message);
  });
  if (!used) ++engine_.counters().publishes_dropped;
}

}  // namespace tenon::protocol_mqtt
