// SPDX-License-Identifier: Apache-2.0
#include "mqtt_client.hpp"

#include <stdexcept>
#include <utility>

namespace tenon::e2e {

bool MqttClient::send(const mqtt::Packet& packet) {
  std::string bytes;
  mqtt::encode(packet, version_, bytes);
  return send_bytes(bytes);
}

std::optional<MqttPacket> MqttClient::receive(std::chrono::milliseconds timeout) {
  while (true) {
    const auto frame = mqtt::next_frame(input_, 1U << 28, version_);
    if (!frame) throw std::runtime_error("the server sent no packet");
    if (*frame) {
      const auto bytes = std::make_shared<const std::string>(input_.substr(0, (*frame)->size));
      input_.erase(0, bytes->size());
      const auto again = mqtt::next_frame(*bytes, 1U << 28, version_);
      auto packet = mqtt::decode(**again, version_);
      if (!packet) throw std::runtime_error("the server sent a bad packet");
      return MqttPacket{bytes, *packet};
    }
    if (!stream_->receive(input_, timeout)) return std::nullopt;
  }
}

mqtt::Connack MqttClient::connect(std::string_view client_id, bool clean_start, std::uint32_t expiry_s) {
  mqtt::Connect connect;
  connect.client_id = client_id;
  connect.clean_start = clean_start;
  connect.keep_alive_s = 600;
  if (expiry_s > 0) connect.properties.set(mqtt::PropertyId::session_expiry_interval, expiry_s);
  return this->connect(std::move(connect));
}

mqtt::Connack MqttClient::connect(mqtt::Connect connect) {
  connect.version = version_;
  send(connect);
  const auto answer = receive();
  if (!answer) throw std::runtime_error("no CONNACK");
  mqtt::Connack connack;
  connack.code = answer->as<mqtt::Connack>().code;
  connack.session_present = answer->as<mqtt::Connack>().session_present;
  return connack;
}

mqtt::ReasonCode MqttClient::subscribe(std::string_view filter, std::uint8_t qos) {
  mqtt::Subscribe subscribe;
  subscribe.packet_id = 60'000;
  mqtt::SubscriptionRequest request;
  request.filter = filter;
  request.options.qos = qos;
  subscribe.requests.push_back(request);
  send(subscribe);
  const auto answer = receive();
  if (!answer) throw std::runtime_error("no SUBACK");
  return answer->as<mqtt::SubscribeAnswer>().codes.front();
}

bool MqttClient::publish(std::string_view topic, std::string_view payload, std::uint8_t qos, std::uint16_t packet_id,
                         bool retain) {
  mqtt::Publish publish;
  publish.topic = topic;
  publish.payload = payload;
  publish.qos = qos;
  publish.packet_id = packet_id;
  publish.retain = retain;
  return send(publish);
}

bool MqttClient::answer(mqtt::PacketType type, std::uint16_t packet_id) {
  mqtt::PublishAnswer answer;
  answer.type = type;
  answer.packet_id = packet_id;
  return send(answer);
}

}  // namespace tenon::e2e
