// SPDX-License-Identifier: Apache-2.0
#include <algorithm>

#include "mqtt/topic.hpp"
#include "protocol-mqtt/engine/link.hpp"
#include "protocol-mqtt/engine/payload_format.hpp"

namespace tenon::protocol_mqtt {

using mqtt::Connack;
using mqtt::Connect;
using mqtt::PropertyId;
using mqtt::ReasonCode;

namespace {

constexpr std::uint32_t kForever = 0xFFFF'FFFF;

/// The code of 3.1.1, or nothing where it has none: then the connection is closed without an answer.
std::optional<std::uint8_t> old_code(ReasonCode reason) {
  switch (reason) {
    case ReasonCode::unsupported_protocol_version:
      return 1;
    case ReasonCode::client_identifier_not_valid:
      return 2;
    case ReasonCode::server_unavailable:
    case ReasonCode::server_busy:
    case ReasonCode::quota_exceeded:
      return 3;
    case ReasonCode::bad_user_name_or_password:
      return 4;
    case ReasonCode::not_authorized:
    case ReasonCode::banned:
      return 5;
    default:
      return std::nullopt;
  }
}

/// Absent means that there is all of it.
void tell_what_is_left_out(const EngineSettings& settings, mqtt::Properties& told) {
  if (settings.qos_max < 2) told.set(PropertyId::maximum_qos, settings.qos_max);
  if (!settings.retain_available) told.set(PropertyId::retain_available, 0);
  if (!settings.wildcard_subscriptions) told.set(PropertyId::wildcard_subscription_available, 0);
  if (!settings.shared_subscriptions) told.set(PropertyId::shared_subscription_available, 0);
}

/// Empty unless the client has asked (MQTT-3.1.2-28), and for one whose id no topic may hold.
std::string response_information_for(std::string_view pattern, const Connect& connect, std::string_view client_id) {
  constexpr std::string_view kClient = "{client}";
  if (connect.properties.number_or(PropertyId::request_response_information, 0) == 0) return {};
  std::string topics(pattern);
  const std::size_t at = topics.find(kClient);
  if (at != std::string::npos) topics.replace(at, kClient.size(), client_id);
  return mqtt::has_wildcard(topics) ? std::string() : topics;
}

}  // namespace

/// Answers in the form that a client of this level reads.
void Link::refuse_connect(std::uint8_t level, ReasonCode reason, std::string_view why) {
  Connack connack;
  version_ = level >= 5 ? mqtt::ProtocolVersion::v5 : mqtt::ProtocolVersion::v3_1_1;
  if (v5()) {
    connack.code = static_cast<std::uint8_t>(reason);
    send(connack);
  } else if (const auto code = old_code(reason)) {
    connack.code = *code;
    send(connack);
  }
  finish(why, LinkEnd::with_will);
}

/// What is wrong with it whoever the client is.
std::optional<ReasonCode> Link::refusal(const Connect& connect) const {
  // A bridge that hears this tries again without its private flag.
  if (connect.bridge) return ReasonCode::unsupported_protocol_version;
  if (connect.client_id.empty() && !connect.clean_start && connect.version != mqtt::ProtocolVersion::v5) {
    return ReasonCode::client_identifier_not_valid;
  }
  return connect.will ? refusal(*connect.will) : std::nullopt;
}

/// MQTT-3.2.2-12, MQTT-3.2.2-13.
std::optional<ReasonCode> Link::refusal(const mqtt::Will& will) const {
  const EngineSettings& settings = engine_.settings();
  if (will.qos > settings.qos_max) return ReasonCode::qos_not_supported;
  if (will.retain && !settings.retain_available) return ReasonCode::retain_not_supported;
  if (settings.check_payload_format && !keeps_payload_format(will.properties, will.payload)) {
    return ReasonCode::payload_format_invalid;
  }
  return std::nullopt;
}

void Link::on_connect(const Connect& connect, std::string_view body) {
  got_connect_ = true;
  version_ = connect.version;
  packet_bytes_max_ = connect.properties.number_or(PropertyId::maximum_packet_size, kForever);
  const bool has_method = connect.properties.has(PropertyId::authentication_method);
  if (const auto reason = refusal(connect)) return refuse_or_accept(connect, *reason);
  has_method ? begin_login(connect, body) : judge(connect, body);
}

/// The verdict may come later; until then the link rests.
void Link::judge(const Connect& connect, std::string_view body) {
  auto judgement = std::make_shared<Judgement>(engine_, body, engine_.begin_judgement(*this));
  if (engine_.login_bytes() > engine_.settings().login_bytes_max) {
    return refuse_or_accept(connect, ReasonCode::server_busy);
  }
  const auto verdict = engine_.outside().authenticate(
      {connect.client_id, connect.user_name, connect.password, transport_.proven_name(), judgement}, judgement->token);
  if (verdict) return refuse_or_accept(connect, *verdict);
  judgement_ = std::move(judgement);
}

void Link::judged(ReasonCode verdict) {
  const auto judgement = std::move(judgement_);
  const mqtt::Frame frame{mqtt::PacketType::connect, 0, judgement->connect, judgement->connect.size()};
  refuse_or_accept(std::get<Connect>(*mqtt::decode(frame, version_)), verdict);
  transport_.output_ready();  // it has rested
}

void Link::refuse_or_accept(const Connect& connect, ReasonCode verdict) {
  if (!is_error(verdict)) return accept(connect);
  refuse_connect(static_cast<std::uint8_t>(connect.version), verdict, "CONNECT refused");
}

void Link::accept(const Connect& connect) {
  const std::string assigned = connect.client_id.empty() ? engine_.new_client_id() : std::string();
  const std::string client_id = assigned.empty() ? std::string(connect.client_id) : assigned;
  const Engine::Admission admission = engine_.admit(client_id, connect.clean_start);
  if (!admission.session) {
    return refuse_connect(static_cast<std::uint8_t>(connect.version), ReasonCode::quota_exceeded, "too many sessions");
  }
  session_ = admission.session;
  session_->link = this;
  session_->user_name = user_name_of(connect);
  take_limits(connect);
  take_will(connect);
  session_->disconnected_at_ms = 0;
  ++engine_.counters().connects;
  engine_.touch_state(*session_);
  engine_.watch(*this);
  if (!send_connack(connect, admission.present, assigned)) {
    return finish("CONNACK is larger than the client takes", LinkEnd::with_will);
  }
  engine_.resend(*session_);
}

/// What the connection has proved comes first, then what the client has proved, then what it says.
std::string_view Link::user_name_of(const Connect& connect) const {
  const std::string_view proven = transport_.proven_name();
  if (!proven.empty()) return proven;
  return login_ ? std::string_view(login_->user_name) : connect.user_name.value_or("");
}

void Link::take_limits(const Connect& connect) {
  const auto& settings = engine_.settings();
  const mqtt::Properties& asked = connect.properties;
  const std::uint32_t before = connect.clean_start ? 0 : kForever;
  const std::uint32_t expiry = v5() ? asked.number_or(PropertyId::session_expiry_interval, 0) : before;
  engine_.set_expiry(*session_, std::min(expiry, settings.session_expiry_max_s));
  window_ = std::min<std::uint32_t>(asked.number_or(PropertyId::receive_maximum, 0xFFFF), settings.inflight_max);
  alias_maximum_ = static_cast<std::uint16_t>(
      std::min<std::uint32_t>(asked.number_or(PropertyId::topic_alias_maximum, 0), settings.topic_alias_maximum));
  problem_information_ = asked.number_or(PropertyId::request_problem_information, 1) != 0;
  keep_alive_s_ = connect.keep_alive_s;
  const std::uint16_t longest = settings.keep_alive_max_s;
  const bool too_long = longest != 0 && (keep_alive_s_ == 0 || keep_alive_s_ > longest);
  if (v5() && too_long) keep_alive_s_ = longest;  // older versions cannot be told
}

void Link::take_will(const Connect& connect) {
  session_->will.reset();
  if (!connect.will) return;
  mqtt::Properties properties = connect.will->properties;
  auto will = std::make_unique<SessionWill>();
  OwnedMessage& message = will->message;
  message.topic = connect.will->topic;
  message.payload = connect.will->payload;
  message.qos = connect.will->qos;
  message.publisher = session_->client_id;
  message.expires_at_ms = std::int64_t{1000} * properties.number_or(PropertyId::message_expiry_interval, 0);
  will->delay_s = properties.number_or(PropertyId::will_delay_interval, 0);
  will->retain = connect.will->retain;
  properties.remove(PropertyId::message_expiry_interval);
  properties.remove(PropertyId::will_delay_interval);
  properties.encode_block(message.properties);
  session_->will = std::move(will);
}

bool Link::send_connack(const Connect& connect, bool present, std::string_view assigned_id) {
  const auto& settings = engine_.settings();
  Connack connack;
  connack.session_present = present;
  const std::string response_topics = response_information_for(settings.response_topics, connect, session_->client_id);
  if (v5()) {
    mqtt::Properties& told = connack.properties;
    if (session_->expiry_s != connect.properties.number_or(PropertyId::session_expiry_interval, 0)) {
      told.set(PropertyId::session_expiry_interval, session_->expiry_s);
    }
    if (keep_alive_s_ != connect.keep_alive_s) told.set(PropertyId::server_keep_alive, std::uint32_t{keep_alive_s_});
    told.set(PropertyId::receive_maximum, settings.receive_maximum);
    told.set(PropertyId::maximum_packet_size, settings.packet_bytes_max);
    tell_what_is_left_out(settings, told);
    if (settings.topic_alias_maximum > 0) told.set(PropertyId::topic_alias_maximum, settings.topic_alias_maximum);
    if (!assigned_id.empty()) told.set(PropertyId::assigned_client_identifier, assigned_id);
    if (!response_topics.empty()) told.set(PropertyId::response_information, response_topics);
    if (login_) {
      told.set(PropertyId::authentication_method, login_->method);
      if (!login_->last_data.empty()) told.set(PropertyId::authentication_data, login_->last_data);
    }
  }
  return send(connack);
}

}  // namespace tenon::protocol_mqtt
