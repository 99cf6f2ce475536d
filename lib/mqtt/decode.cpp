// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <array>

#include "mqtt/codec.hpp"
#include "mqtt/decode_connect.hpp"
#include "mqtt/topic.hpp"

namespace tenon::mqtt {
namespace {

using Code = ReasonCode;

void check_publish_topic(Reader& reader, const Publish& publish) {
  const auto alias = publish.properties.number(PropertyId::topic_alias);
  if (alias && *alias == 0) return reader.fail(Code::topic_alias_invalid, "topic alias 0");
  if (publish.topic.empty()) {
    if (!alias) reader.fail(Code::protocol_error, "a topic name of no length without an alias");
  } else if (!is_valid_topic_name(publish.topic)) {
    reader.fail(Code::topic_name_invalid, "the topic name has wildcards or too many levels");
  }
  const auto response = publish.properties.text(PropertyId::response_topic);
  if (response && !is_valid_topic_name(*response)) reader.fail(Code::protocol_error, "the response topic is no topic");
}

Publish decode_publish(Reader& reader, std::uint8_t flags, ProtocolVersion version) {
  Publish publish;
  publish.dup = (flags & 0x08) != 0;
  publish.qos = flags >> 1 & 3;
  publish.retain = (flags & 0x01) != 0;
  publish.topic = reader.text();
  if (publish.qos > 0) publish.packet_id = reader.packet_id();
  if (version == ProtocolVersion::v5) publish.properties.decode(reader, PropertyPlace::publish);
  if (!reader.failed()) check_publish_topic(reader, publish);
  publish.payload = reader.take_rest();
  return publish;
}

bool is_listed(PacketType type, Code code) {
  static constexpr std::array kReceived{Code::success,
                                        Code::no_matching_subscribers,
                                        Code::unspecified_error,
                                        Code::implementation_specific_error,
                                        Code::not_authorized,
                                        Code::topic_name_invalid,
                                        Code::packet_identifier_in_use,
                                        Code::quota_exceeded,
                                        Code::payload_format_invalid};
  if (type == PacketType::puback || type == PacketType::pubrec) {
    return std::ranges::find(kReceived, code) != kReceived.end();
  }
  return code == Code::success || code == Code::packet_identifier_not_found;
}

PublishAnswer decode_answer(Reader& reader, PacketType type, ProtocolVersion version) {
  PublishAnswer answer;
  answer.type = type;
  answer.packet_id = reader.packet_id();
  if (version != ProtocolVersion::v5 || reader.left() == 0) return answer;
  answer.reason = static_cast<Code>(reader.u8());
  if (!is_listed(type, answer.reason))
    reader.fail(Code::protocol_error, "a reason code that this packet does not have");
  if (reader.left() > 0) answer.properties.decode(reader, PropertyPlace::puback);
  return answer;
}

SubscriptionOptions decode_options(Reader& reader, ProtocolVersion version) {
  const std::uint8_t byte = reader.u8();
  SubscriptionOptions options;
  options.qos = byte & 0x03;
  const std::uint8_t reserved = version == ProtocolVersion::v5 ? 0xC0 : 0xFC;
  if ((byte & reserved) != 0) reader.malformed("reserved bits of subscription options are set");
  if (options.qos == 3) reader.fail(Code::protocol_error, "requested QoS 3");
  options.no_local = (byte & 0x04) != 0;
  options.retain_as_published = (byte & 0x08) != 0;
  options.retain_handling = static_cast<RetainHandling>(byte >> 4 & 0x03);
  if ((byte >> 4 & 0x03) == 3) reader.fail(Code::protocol_error, "retain handling 3");
  return options;
}

Subscribe decode_subscribe(Reader& reader, ProtocolVersion version) {
  Subscribe subscribe;
  subscribe.packet_id = reader.packet_id();
  if (version == ProtocolVersion::v5) subscribe.properties.decode(reader, PropertyPlace::subscribe);
  while (reader.left() > 0) {
    SubscriptionRequest request;
    request.filter = reader.text();
    request.options = decode_options(reader, version);
    if (request.options.no_local && is_shared(request.filter)) {
      reader.fail(Code::protocol_error, "no local on a shared subscription");
    }
    subscribe.requests.push_back(request);
  }
  if (subscribe.requests.empty()) reader.fail(Code::protocol_error, "SUBSCRIBE without a filter");
  return subscribe;
}

Unsubscribe decode_unsubscribe(Reader& reader, ProtocolVersion version) {
  Unsubscribe unsubscribe;
  unsubscribe.packet_id = reader.packet_id();
  if (version == ProtocolVersion::v5) unsubscribe.properties.decode(reader, PropertyPlace::unsubscribe);
  while (reader.left() > 0) unsubscribe.filters.push_back(reader.text());
  if (unsubscribe.filters.empty()) reader.fail(Code::protocol_error, "UNSUBSCRIBE without a filter");
  return unsubscribe;
}

SubscribeAnswer decode_subscribe_answer(Reader& reader, PacketType type, ProtocolVersion version) {
  SubscribeAnswer answer;
  answer.type = type;
  answer.packet_id = reader.packet_id();
  if (version == ProtocolVersion::v5) answer.properties.decode(reader, PropertyPlace::suback);
  if (type == PacketType::unsuback && version != ProtocolVersion::v5) return answer;
  while (reader.left() > 0) answer.codes.push_back(static_cast<Code>(reader.u8()));
  if (answer.codes.empty()) reader.malformed("an answer without codes");
  return answer;
}

Connack decode_connack(Reader& reader, ProtocolVersion version) {
  Connack connack;
  const std::uint8_t flags = reader.u8();
  if ((flags & 0xFE) != 0) reader.malformed("reserved bits of CONNACK are set");
  connack.session_present = flags != 0;
  connack.code = reader.u8();
  if (version == ProtocolVersion::v5) connack.properties.decode(reader, PropertyPlace::connack);
  return connack;
}

constexpr bool is_of_auth(Code code) noexcept {
  return code == Code::success || code == Code::continue_authentication || code == Code::re_authenticate;
}

/// Either side's. Source: MQTT 5.0 section 3.14.2.1.
constexpr bool is_of_disconnect(Code code) noexcept {
  switch (code) {
    case Code::success:
    case Code::disconnect_with_will:
    case Code::unspecified_error:
    case Code::malformed_packet:
    case Code::protocol_error:
    case Code::implementation_specific_error:
    case Code::not_authorized:
    case Code::server_busy:
      return true;
    case Code::packet_identifier_in_use:
    case Code::packet_identifier_not_found:
      return false;
    default:
      return code >= Code::server_shutting_down && code <= Code::wildcard_subscriptions_not_supported;
  }
}

Closing decode_closing(Reader& reader, PacketType type, ProtocolVersion version) {
  Closing closing;
  closing.type = type;
  if (version != ProtocolVersion::v5) {
    if (type == PacketType::auth) reader.malformed("AUTH before 5.0");
    return closing;
  }
  if (reader.left() == 0) return closing;
  closing.reason = static_cast<Code>(reader.u8());
  const auto place = type == PacketType::auth ? PropertyPlace::auth : PropertyPlace::disconnect;
  if (reader.left() > 0) closing.properties.decode(reader, place);
  const bool listed = type == PacketType::auth ? is_of_auth(closing.reason) : is_of_disconnect(closing.reason);
  if (!listed) reader.fail(Code::protocol_error, "a reason code that this packet does not have");
  return closing;
}

Packet decode_body(Reader& reader, const Frame& frame, ProtocolVersion version) {
  switch (frame.type) {
    case PacketType::connect:
      return decode_connect(reader);
    case PacketType::connack:
      return decode_connack(reader, version);
    case PacketType::publish:
      return decode_publish(reader, frame.flags, version);
    case PacketType::puback:
    case PacketType::pubrec:
    case PacketType::pubrel:
    case PacketType::pubcomp:
      return decode_answer(reader, frame.type, version);
    case PacketType::subscribe:
      return decode_subscribe(reader, version);
    case PacketType::suback:
    case PacketType::unsuback:
      return decode_subscribe_answer(reader, frame.type, version);
    case PacketType::unsubscribe:
      return decode_unsubscribe(reader, version);
    case PacketType::pingreq:
    case PacketType::pingresp:
      return Ping{frame.type};
    case PacketType::disconnect:
    case PacketType::auth:
      break;
  }
  return decode_closing(reader, frame.type, version);
}

}  // namespace

PacketType type_of(const Packet& packet) noexcept {
  switch (packet.index()) {
    case 0:
      return PacketType::connect;
    case 1:
      return PacketType::connack;
    case 2:
      return PacketType::publish;
    case 3:
      return std::get_if<PublishAnswer>(&packet)->type;
    case 4:
      return PacketType::subscribe;
    case 5:
      return std::get_if<SubscribeAnswer>(&packet)->type;
    case 6:
      return PacketType::unsubscribe;
    case 7:
      return std::get_if<Ping>(&packet)->type;
    default:
      return std::get_if<Closing>(&packet)->type;
  }
}

Decoded<Packet> decode(const Frame& frame, ProtocolVersion version) {
  Reader reader(frame.body);
  Packet packet = decode_body(reader, frame, version);
  reader.expect_end();
  if (reader.failed()) return *reader.violation();
  return packet;
}

}  // namespace tenon::mqtt
