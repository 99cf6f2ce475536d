// SPDX-License-Identifier: Apache-2.0
#include "mqtt/codec.hpp"

namespace tenon::mqtt {
namespace {

void put_header(std::string& out, PacketType type, unsigned flags, std::size_t body_size) {
  put_u8(out, static_cast<std::uint8_t>(static_cast<unsigned>(type) << 4 | flags));
  put_variable(out, static_cast<std::uint32_t>(body_size));
}

/// For the packets that are rare: the body first, then the header in front of it.
void put_packet(std::string& out, PacketType type, unsigned flags, std::string_view body) {
  put_header(out, type, flags, body.size());
  out.append(body);
}

std::size_t properties_size(const Properties& properties) noexcept {
  const std::size_t block = properties.block_size();
  return variable_size(static_cast<std::uint32_t>(block)) + block;
}

std::size_t body_size(const Publish& publish, ProtocolVersion version) noexcept {
  return 2 + publish.topic.size() + (publish.qos > 0 ? 2 : 0) + publish.payload.size() +
         (version == ProtocolVersion::v5 ? properties_size(publish.properties) : 0);
}

std::uint8_t level_byte(const Connect& connect) {
  return static_cast<std::uint8_t>(static_cast<std::uint8_t>(connect.version) | (connect.bridge ? 0x80 : 0));
}

unsigned connect_flags(const Connect& connect) {
  unsigned flags = connect.clean_start ? 0x02 : 0;
  if (connect.will) flags |= 0x04U | connect.will->qos << 3U | (connect.will->retain ? 0x20U : 0U);
  return flags | (connect.password ? 0x40U : 0U) | (connect.user_name ? 0x80U : 0U);
}

struct Encoder {
  ProtocolVersion version;
  std::string& out;
  bool v5() const { return version == ProtocolVersion::v5; }

  void operator()(const Publish& publish) const { encode(publish, version, out); }
  void operator()(const PublishAnswer& answer) const { encode(answer, version, out); }
  void operator()(const Ping& ping) const { put_packet(out, ping.type, 0, {}); }

  void operator()(const Connect& connect) const {
    std::string body;
    put_string(body, connect.version == ProtocolVersion::v3_1 ? "MQIsdp" : "MQTT");
    put_u8(body, level_byte(connect));
    put_u8(body, static_cast<std::uint8_t>(connect_flags(connect)));
    put_u16(body, connect.keep_alive_s);
    const bool with_properties = connect.version == ProtocolVersion::v5;
    if (with_properties) connect.properties.encode(body);
    put_string(body, connect.client_id);
    if (connect.will) {
      if (with_properties) connect.will->properties.encode(body);
      put_string(body, connect.will->topic);
      put_string(body, connect.will->payload);
    }
    if (connect.user_name) put_string(body, *connect.user_name);
    if (connect.password) put_string(body, *connect.password);
    put_packet(out, PacketType::connect, 0, body);
  }

  void operator()(const Connack& connack) const {
    std::string body;
    put_u8(body, connack.session_present ? 1 : 0);
    put_u8(body, connack.code);
    if (v5()) connack.properties.encode(body);
    put_packet(out, PacketType::connack, 0, body);
  }

  void operator()(const Subscribe& subscribe) const {
    std::string body;
    put_u16(body, subscribe.packet_id);
    if (v5()) subscribe.properties.encode(body);
    for (const SubscriptionRequest& request : subscribe.requests) {
      put_string(body, request.filter);
      const SubscriptionOptions& options = request.options;
      unsigned byte = options.qos;
      if (v5()) {
        byte |= (options.no_local ? 4U : 0U) | (options.retain_as_published ? 8U : 0U) |
                static_cast<unsigned>(options.retain_handling) << 4U;
      }
      put_u8(body, static_cast<std::uint8_t>(byte));
    }
    put_packet(out, PacketType::subscribe, 2, body);
  }

  void operator()(const SubscribeAnswer& answer) const {
    std::string body;
    put_u16(body, answer.packet_id);
    if (v5()) answer.properties.encode(body);
    for (const ReasonCode code : answer.codes) {
      if (v5()) {
        put_u8(body, static_cast<std::uint8_t>(code));
      } else if (answer.type == PacketType::suback) {
        put_u8(body, is_error(code) ? std::uint8_t{0x80} : static_cast<std::uint8_t>(code));
      }
    }
    put_packet(out, answer.type, 0, body);
  }

  void operator()(const Unsubscribe& unsubscribe) const {
    std::string body;
    put_u16(body, unsubscribe.packet_id);
    if (v5()) unsubscribe.properties.encode(body);
    for (const std::string_view filter : unsubscribe.filters) put_string(body, filter);
    put_packet(out, PacketType::unsubscribe, 2, body);
  }

  void operator()(const Closing& closing) const {
    std::string body;
    if (v5() && (closing.reason != ReasonCode::success || !closing.properties.empty())) {
      put_u8(body, static_cast<std::uint8_t>(closing.reason));
      if (!closing.properties.empty()) closing.properties.encode(body);
    }
    put_packet(out, closing.type, 0, body);
  }
};

}  // namespace

std::size_t encoded_size(const Publish& publish, ProtocolVersion version) noexcept {
  const std::size_t body = body_size(publish, version);
  return 1 + variable_size(static_cast<std::uint32_t>(body)) + body;
}

void encode(const Publish& publish, ProtocolVersion version, std::string& out) {
  const unsigned flags = (publish.dup ? 8U : 0U) | publish.qos << 1U | (publish.retain ? 1U : 0U);
  put_header(out, PacketType::publish, flags, body_size(publish, version));
  put_string(out, publish.topic);
  if (publish.qos > 0) put_u16(out, publish.packet_id);
  if (version == ProtocolVersion::v5) publish.properties.encode(out);
  out.append(publish.payload);
}

void encode(const PublishAnswer& answer, ProtocolVersion version, std::string& out) {
  const bool with_properties = version == ProtocolVersion::v5 && !answer.properties.empty();
  const bool with_reason = version == ProtocolVersion::v5 && (with_properties || answer.reason != ReasonCode::success);
  const std::size_t size =
      2 + (with_reason ? 1 : 0) + (with_properties ? properties_size(answer.properties) : std::size_t{0});
  put_header(out, answer.type, answer.type == PacketType::pubrel ? 2 : 0, size);
  put_u16(out, answer.packet_id);
  if (with_reason) put_u8(out, static_cast<std::uint8_t>(answer.reason));
  if (with_properties) answer.properties.encode(out);
}

void encode(const Packet& packet, ProtocolVersion version, std::string& out) {
  std::visit(Encoder{version, out}, packet);
}

}  // namespace tenon::mqtt
