// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <exception>

#include "protocol-mqtt/engine/administration.hpp"
#include "protocol-mqtt/engine/forward.hpp"
#include "protocol-mqtt/engine/link.hpp"
#include "protocol-mqtt/engine/payload_format.hpp"

namespace tenon::protocol_mqtt {

using mqtt::PacketType;
using mqtt::PropertyId;
using mqtt::Publish;
using mqtt::PublishAnswer;
using mqtt::ReasonCode;

namespace {

constexpr PacketType answer_of(std::uint8_t qos) { return qos == 1 ? PacketType::puback : PacketType::pubrec; }

}  // namespace

void Link::on(const Publish& publish) {
  ++engine_.counters().publishes_received;
  engine_.counters().publish_bytes_received += publish.payload.size();
  std::string topic;
  if (!resolve_topic(publish, topic)) return;
  if (!admit_publish(publish)) return;
  if (topic == kControlTopic && publish.qos < 2 && is_administrator()) return control(publish);
  const bool allowed =
      !is_reserved(topic) && engine_.outside().may(Access::write, session_->client_id, session_->user_name, topic);
  if (allowed) return store(publish, topic);
  if (publish.qos == 0) return;
  // 3.1.1 cannot say no: the message is confirmed and goes nowhere (MQTT-3.3.5-2).
  if (publish.qos == 2 && !v5()) session_->inbound.add({publish.packet_id, true});
  send_answer(answer_of(publish.qos), publish.packet_id, v5() ? ReasonCode::not_authorized : ReasonCode::success);
}

/// Who is on this machine and may publish there by the access rules.
bool Link::is_administrator() const {
  return remote_address_.is_loopback() &&
         engine_.outside().may(Access::write, session_->client_id, session_->user_name, kControlTopic);
}

void Link::control(const Publish& publish) {
  if (publish.qos == 1) send_answer(PacketType::puback, publish.packet_id, ReasonCode::success);
  const std::string payload = administer(engine_, publish.payload);
  if (finished_ || session_->find_subscription(kControlAnswerTopic) == nullptr) return;
  mqtt::Properties properties;
  if (const auto data = publish.properties.text(PropertyId::correlation_data)) {
    properties.set(PropertyId::correlation_data, *data);
  }
  std::string block;
  properties.encode_block(block);
  Message message;
  message.topic = kControlAnswerTopic;
  message.payload = payload;
  message.properties = block;
  send_message(message, {}, 0, false, {});
}

/// The topic's name, by its alias if need be. False when the link is finished.
bool Link::resolve_topic(const Publish& publish, std::string& topic) {
  const auto alias = publish.properties.number(PropertyId::topic_alias);
  topic = publish.topic;
  if (!alias) return true;
  if (*alias > engine_.settings().topic_alias_maximum) {
    violated({ReasonCode::topic_alias_invalid, "a topic alias above the announced maximum"}, nullptr);
    return false;
  }
  if (!aliases_) aliases_ = std::make_unique<Aliases>();
  if (aliases_->in.size() < *alias) aliases_->in.resize(*alias);
  std::string& known = aliases_->in[*alias - 1];
  if (!topic.empty()) {
    known = topic;
    return true;
  }
  topic = known;
  if (!topic.empty()) return true;
  violated({ReasonCode::protocol_error, "a topic alias that was never set"}, nullptr);
  return false;
}

/// What the client may not send by what CONNACK told it: MQTT-3.2.2-11, MQTT-3.2.2-14, MQTT-3.3.4-6.
std::optional<mqtt::Violation> Link::beyond_offer(const Publish& publish) const {
  const EngineSettings& settings = engine_.settings();
  if (!publish.properties.subscription_identifiers.empty()) {
    return mqtt::Violation{ReasonCode::protocol_error, "a subscription identifier in a client's PUBLISH"};
  }
  if (publish.qos > settings.qos_max) {
    return mqtt::Violation{ReasonCode::qos_not_supported, "a QoS above the announced maximum"};
  }
  if (publish.retain && !settings.retain_available) {
    return mqtt::Violation{ReasonCode::retain_not_supported, "RETAIN where nothing is retained"};
  }
  return std::nullopt;
}

/// False when nothing is to be stored: answered already, or the link is finished.
bool Link::admit_publish(const Publish& publish) {
  if (const auto violation = beyond_offer(publish)) {
    violated(*violation, nullptr);
    return false;
  }
  if (publish.qos > 0 && !admit_identifier(publish)) return false;
  if (!engine_.settings().check_payload_format) return true;
  if (keeps_payload_format(publish.properties, publish.payload)) return true;
  refuse_publish(publish, {ReasonCode::payload_format_invalid, "a payload that is not the UTF-8 it says it is"});
  return false;
}

/// By the answer if there is one, else by the end of the connection.
void Link::refuse_publish(const Publish& publish, const mqtt::Violation& violation) {
  if (publish.qos == 0 || !v5()) return violated(violation, nullptr);
  send_answer(answer_of(publish.qos), publish.packet_id, violation.code);
}

bool Link::admit_identifier(const Publish& publish) {
  if (InboundId* held = session_->inbound.find(publish.packet_id)) {
    if (publish.qos == 2) {
      held->asked_again = true;
      if (held->stored) send_answer(PacketType::pubrec, publish.packet_id, ReasonCode::success);
      return false;
    }
    if (v5()) {
      send_answer(PacketType::puback, publish.packet_id, ReasonCode::packet_identifier_in_use);
      return false;
    }
  }
  if (!inbound_full()) return true;
  violated({ReasonCode::receive_maximum_exceeded, "too many QoS 1 and 2 messages at a time"}, nullptr);
  return false;
}

/// QoS 1 of the older versions needs no limit: must_rest() lets the connection wait.
bool Link::inbound_full() const noexcept {
  const EngineSettings& settings = engine_.settings();
  const std::size_t held = session_->inbound.size();
  return v5() ? qos1_pending_ + held >= settings.receive_maximum : held >= settings.inbound_unannounced_max;
}

void Link::store(const Publish& publish, std::string_view topic) {
  mqtt::Properties properties = publish.properties;
  IncomingMessage incoming;
  Message& message = incoming.message;
  message.topic = topic;
  message.payload = publish.payload;
  message.publisher = session_->client_id;
  message.qos = publish.qos;
  message.retain = publish.retain;
  if (const auto expiry = properties.number(PropertyId::message_expiry_interval)) {
    message.expires_at_ms = engine_.outside().now_ms() + std::int64_t{1000} * *expiry;
  }
  properties.remove(PropertyId::message_expiry_interval);
  properties.remove(PropertyId::topic_alias);
  std::string block;
  properties.encode_block(block);
  message.properties = block;
  incoming.user_name = session_->user_name;
  incoming.remote_address = remote_address_;
  if (publish.qos == 2) {
    incoming.qos2_packet_id = publish.packet_id;
    session_->inbound.add({publish.packet_id});
    engine_.touch(*session_);  // the journal must know that the log may have it
  }
  if (publish.qos == 1) ++qos1_pending_;
  confirms_retained_ |= publish.retain && publish.qos > 0;
  ++stores_pending_;
  const std::shared_ptr<Session> alive = session_;
  // Only PUBACK and PUBREC of 5.0 can say it.
  const bool heard = publish.qos == 0 || !v5() || engine_.anybody_wants(topic);
  engine_.outside().store(incoming, engine_.begin_store(*this, publish.packet_id, publish.qos, heard));
}

void Link::store_finished(std::uint16_t packet_id, std::uint8_t qos, ReasonCode outcome) {
  store_done(qos);
  if (finished_ || !session_ || qos == 0) return;
  try {
    answer_stored(packet_id, qos, outcome);
  } catch (const std::exception&) {  // it would wait for its answer for ever
    fail();
  }
}

void Link::store_done(std::uint8_t qos) {
  const bool rested = must_rest();
  --stores_pending_;
  if (qos == 1) --qos1_pending_;
  if (rested && !finished_ && !must_rest()) transport_.output_ready();
}

void Link::answer_stored(std::uint16_t packet_id, std::uint8_t qos, ReasonCode outcome) {
  if (is_error(outcome) && !v5()) {  // no way to say it: not acknowledged, and the client will send it again
    return disconnect(outcome, "a message could not be stored", LinkEnd::with_will);
  }
  send_answer(answer_of(qos), packet_id, outcome);
}

void Link::on(const PublishAnswer& answer) {
  const std::uint16_t packet_id = answer.packet_id;
  if (answer.type == PacketType::pubrel) {
    const bool known = session_->inbound.forget(packet_id);
    if (known) engine_.touch(*session_);
    return send_answer(PacketType::pubcomp, packet_id,
                       known || !v5() ? ReasonCode::success : ReasonCode::packet_identifier_not_found);
  }
  Outbound* outbound = session_->outbound_if_any();
  Inflight* inflight = outbound == nullptr ? nullptr : outbound->find(packet_id);
  if (answer.type == PacketType::pubrec) return on_pubrec(inflight, answer);
  if (inflight == nullptr) return;  // an answer to what is over
  const bool fits = answer.type == PacketType::puback ? inflight->delivery.qos == 1
                                                      : inflight->delivery.qos == 2 && inflight->received;
  if (!fits) return violated({ReasonCode::protocol_error, "an acknowledgement of the wrong kind"}, nullptr);
  engine_.confirmed(*session_, packet_id);
}

void Link::on_pubrec(Inflight* inflight, const PublishAnswer& answer) {
  const std::uint16_t packet_id = answer.packet_id;
  if (inflight == nullptr) {
    return send_answer(PacketType::pubrel, packet_id,
                       v5() ? ReasonCode::packet_identifier_not_found : ReasonCode::success);
  }
  if (inflight->delivery.qos != 2) {
    return violated({ReasonCode::protocol_error, "PUBREC for a QoS 1 message"}, nullptr);
  }
  if (is_error(answer.reason)) return engine_.confirmed(*session_, packet_id);
  inflight->received = true;
  inflight->delivery.retained.reset();
  engine_.touch(*session_);
  send_answer(PacketType::pubrel, packet_id, ReasonCode::success);
}

/// The alias for the topic; 0 when all are taken. They are given to the first topics and never moved.
std::uint16_t Link::alias_for(std::string_view topic, bool& known) {
  if (!aliases_) aliases_ = std::make_unique<Aliases>();
  TextMap<std::uint16_t>& out = aliases_->out;
  const auto found = out.find(topic);
  known = found != out.end();
  if (known) return found->second;
  if (out.size() >= alias_maximum_) return 0;
  const auto alias = static_cast<std::uint16_t>(out.size() + 1);
  out.emplace(topic, alias);
  return alias;
}

bool Link::send_message(const Message& message, const Delivery& delivery, std::uint16_t packet_id, bool dup,
                        std::span<const std::uint32_t> identifiers) {
  Forward forward{message, version_};
  forward.qos = delivery.qos;
  forward.dup = dup;
  forward.retain = delivery.retain;
  forward.packet_id = packet_id;
  forward.identifiers = identifiers;
  if (v5() && message.expires_at_ms != 0) {
    const std::int64_t left_ms = message.expires_at_ms - engine_.outside().now_ms();
    forward.expiry_s = static_cast<std::uint32_t>(std::max<std::int64_t>(1, (left_ms + 999) / 1000));
  }
  constexpr std::size_t kAliasBytes = 8;  // the alias, and what a longer length needs
  if (forward.size() + (alias_maximum_ > 0 ? kAliasBytes : 0) > packet_bytes_max_) return false;
  if (alias_maximum_ > 0) forward.alias = alias_for(message.topic, forward.without_topic);
  const std::size_t begin = output_.size();
  forward.encode(output_);
  if (!sent_from(begin)) return false;
  ++engine_.counters().publishes_sent;
  engine_.counters().publish_bytes_sent += message.payload.size();
  return true;
}

}  // namespace tenon::protocol_mqtt
