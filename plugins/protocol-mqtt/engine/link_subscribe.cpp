// SPDX-License-Identifier: Apache-2.0
#include "mqtt/topic.hpp"
#include "protocol-mqtt/engine/link.hpp"

namespace tenon::protocol_mqtt {

using mqtt::PacketType;
using mqtt::ReasonCode;

void Link::on(const mqtt::Subscribe& subscribe) {
  const auto& identifiers = subscribe.properties.subscription_identifiers;
  const std::uint32_t identifier = identifiers.empty() ? 0 : identifiers.front();
  mqtt::SubscribeAnswer answer;
  answer.type = PacketType::suback;
  answer.packet_id = subscribe.packet_id;
  const std::shared_ptr<Session> session = session_;
  if (identifier_in_use(subscribe.packet_id)) {
    answer.codes.assign(subscribe.requests.size(), ReasonCode::packet_identifier_in_use);
    return void(send_codes(answer));
  }
  for (const mqtt::SubscriptionRequest& request : subscribe.requests) {
    answer.codes.push_back(engine_.subscribe(*session, request, identifier));
    if (finished_) return;
  }
  if (send_codes(answer)) engine_.pump(*session);
}

/// By a QoS 2 message that is not released. Older versions have no words for it, and are served.
bool Link::identifier_in_use(std::uint16_t packet_id) const noexcept {
  return v5() && session_->inbound.find(packet_id) != nullptr;
}

/// The codes cannot be left out: a client that takes no packet of that size has asked for too much at once.
bool Link::send_codes(const mqtt::SubscribeAnswer& answer) {
  if (send(answer)) return true;
  disconnect(ReasonCode::packet_too_large, "the answer is larger than the client takes", LinkEnd::with_will);
  return false;
}

void Link::on(const mqtt::Unsubscribe& unsubscribe) {
  mqtt::SubscribeAnswer answer;
  answer.type = PacketType::unsuback;
  answer.packet_id = unsubscribe.packet_id;
  if (identifier_in_use(unsubscribe.packet_id)) {
    answer.codes.assign(unsubscribe.filters.size(), ReasonCode::packet_identifier_in_use);
    return void(send_codes(answer));
  }
  for (const std::string_view filter : unsubscribe.filters) {
    const bool shared = mqtt::is_shared(filter);
    if (shared ? !mqtt::parse_shared(filter) : !mqtt::is_valid_topic_filter(filter)) {
      answer.codes.push_back(ReasonCode::topic_filter_invalid);
      continue;
    }
    answer.codes.push_back(engine_.unsubscribe(*session_, filter) ? ReasonCode::success
                                                                  : ReasonCode::no_subscription_existed);
  }
  send_codes(answer);
}

}  // namespace tenon::protocol_mqtt
