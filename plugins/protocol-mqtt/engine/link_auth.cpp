// SPDX-License-Identifier: Apache-2.0
// Enhanced authentication: MQTT 5.0 section 4.12. One step of the conversation for each packet of the client.
#include "protocol-mqtt/engine/link.hpp"

namespace tenon::protocol_mqtt {

using mqtt::PacketType;
using mqtt::PropertyId;
using mqtt::ReasonCode;

void Link::begin_login(const mqtt::Connect& connect, std::string_view body) {
  const std::string_view method = *connect.properties.text(PropertyId::authentication_method);
  login_ = std::make_unique<Login>(method, body, engine_.login_bytes());
  if (engine_.login_bytes() > engine_.settings().login_bytes_max) {
    return refuse_login(ReasonCode::server_busy, "too much waits for authentication");
  }
  login_->conversation = engine_.outside().begin_authentication(login_->method);
  if (!login_->conversation) {
    return refuse_login(ReasonCode::bad_authentication_method, "an unknown authentication method");
  }
  continue_login(connect.properties.text(PropertyId::authentication_data).value_or(""));
}

/// While CONNECT is not answered, CONNACK says no; later DISCONNECT does.
void Link::refuse_login(ReasonCode reason, std::string_view why) {
  if (!session_) return refuse_connect(static_cast<std::uint8_t>(mqtt::ProtocolVersion::v5), reason, why);
  const bool has_no_such = reason == ReasonCode::bad_user_name_or_password || reason == ReasonCode::banned;
  disconnect(has_no_such ? ReasonCode::not_authorized : reason, why, LinkEnd::with_will);
}

void Link::on_auth(const mqtt::Closing& auth) {
  if (!login_) return violated({ReasonCode::protocol_error, "AUTH without a method in CONNECT"}, nullptr);
  if (auth.properties.text(PropertyId::authentication_method) != login_->method) {
    return refuse_login(ReasonCode::protocol_error, "AUTH with another method than CONNECT");
  }
  const bool under_way = login_->conversation != nullptr;
  const ReasonCode fitting = under_way ? ReasonCode::continue_authentication : ReasonCode::re_authenticate;
  if (auth.reason != fitting) return refuse_login(ReasonCode::protocol_error, "AUTH out of its order");
  if (!under_way) login_->conversation = engine_.outside().begin_authentication(login_->method);
  continue_login(auth.properties.text(PropertyId::authentication_data).value_or(""));
}

void Link::continue_login(std::string_view data) {
  const Authentication::Step step = login_->conversation->next(data);
  if (step.code == ReasonCode::continue_authentication) return send_auth(step.code, step.data);
  login_->conversation.reset();
  if (is_error(step.code)) return refuse_login(step.code, "the client has not proved who it is");
  if (session_) {
    if (step.user_name == session_->user_name) return send_auth(ReasonCode::success, step.data);
    return refuse_login(ReasonCode::not_authorized, "the client has proved to be somebody else");
  }
  login_->user_name = step.user_name;
  login_->last_data = step.data;
  const std::string body = login_->take_connect();
  const mqtt::Frame frame{PacketType::connect, 0, body, body.size()};
  accept(std::get<mqtt::Connect>(*mqtt::decode(frame, version_)));
}

void Link::send_auth(ReasonCode reason, std::string_view data) {
  mqtt::Closing auth;
  auth.type = PacketType::auth;
  auth.reason = reason;
  auth.properties.set(PropertyId::authentication_method, login_->method);
  if (!data.empty()) auth.properties.set(PropertyId::authentication_data, data);
  if (!send(auth)) refuse_login(ReasonCode::packet_too_large, "the client takes no AUTH of that size");
}

}  // namespace tenon::protocol_mqtt
