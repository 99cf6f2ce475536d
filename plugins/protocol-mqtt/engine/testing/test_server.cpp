// SPDX-License-Identifier: Apache-2.0
#include "protocol-mqtt/engine/testing/test_server.hpp"

#include <gtest/gtest.h>

#include <stdexcept>

#include "tenon/text.hpp"

namespace tenon::protocol_mqtt {

using mqtt::ReasonCode;

TestClient::TestClient(TestServer& server, mqtt::ProtocolVersion version, std::string_view remote_address)
    : server_(server),
      version_(version),
      link_(std::make_unique<Link>(server.engine, *this, HostAddress::parse(remote_address).value())) {}

TestClient::~TestClient() { lose(); }

void TestClient::send_raw(std::string_view bytes) {
  link_->receive(bytes);
  server_.catch_up();
}

void TestClient::send(const mqtt::Packet& packet) {
  std::string bytes;
  mqtt::encode(packet, version_, bytes);
  send_raw(bytes);
}

mqtt::Connack TestClient::connect(mqtt::Connect connect) {
  connect.version = version_;
  send(connect);
  const auto packets = take();
  if (packets.empty()) throw std::runtime_error("no CONNACK");
  mqtt::Connack connack = packets.front().as<mqtt::Connack>();
  connack.properties.user_properties.clear();
  for (auto packet = packets.rbegin(); packet + 1 != packets.rend(); ++packet) {  // what came behind it stays
    std::string bytes;
    mqtt::encode(packet->packet, version_, bytes);
    link_->output().insert(0, bytes);
  }
  return connack;
}

mqtt::Connack TestClient::connect(std::string_view client_id, bool clean_start, std::uint32_t expiry_s) {
  mqtt::Connect connect;
  connect.client_id = client_id;
  connect.clean_start = clean_start;
  if (expiry_s > 0) connect.properties.set(mqtt::PropertyId::session_expiry_interval, expiry_s);
  return this->connect(connect);
}

std::vector<ReasonCode> TestClient::subscribe(std::string_view filter, mqtt::SubscriptionOptions options,
                                              std::uint32_t identifier) {
  mqtt::Subscribe subscribe;
  subscribe.packet_id = 77;
  if (identifier != 0) subscribe.properties.subscription_identifiers.push_back(identifier);
  subscribe.requests.push_back({filter, options});
  send(subscribe);
  std::vector<ReasonCode> codes;
  std::string others;
  for (const Received& packet : take()) {
    if (packet.type() == mqtt::PacketType::suback) {
      codes = packet.as<mqtt::SubscribeAnswer>().codes;
    } else {
      mqtt::encode(packet.packet, version_, others);
    }
  }
  link_->output() = others;
  return codes;
}

void TestClient::publish(std::string_view topic, std::string_view payload, std::uint8_t qos, bool retain,
                         std::uint16_t packet_id) {
  mqtt::Publish publish;
  publish.topic = topic;
  publish.payload = payload;
  publish.qos = qos;
  publish.retain = retain;
  publish.packet_id = packet_id;
  send(publish);
}

void TestClient::answer(mqtt::PacketType type, std::uint16_t packet_id, ReasonCode reason) {
  mqtt::PublishAnswer answer;
  answer.type = type;
  answer.packet_id = packet_id;
  answer.reason = reason;
  send(answer);
}

void TestClient::disconnect(ReasonCode reason) {
  mqtt::Closing closing;
  closing.reason = reason;
  send(closing);
}

void TestClient::lose() {
  if (!closed_) link_->lost("test");
  closed_ = true;
  server_.catch_up();
}

std::vector<Received> TestClient::take() {
  const auto bytes = std::make_shared<const std::string>(std::exchange(link_->output(), {}));
  std::vector<Received> packets;
  std::string_view rest = *bytes;
  while (!rest.empty()) {
    const auto frame = mqtt::next_frame(rest, 1 << 28, version_);
    if (!frame || !*frame) throw std::runtime_error("the server sent something that is no packet");
    auto packet = mqtt::decode(**frame, version_);
    if (!packet) throw std::runtime_error("the server sent a bad packet: " + std::string(packet.error().what));
    packets.push_back({bytes, *packet});
    rest.remove_prefix((*frame)->size);
  }
  return packets;
}

std::vector<std::string> TestClient::take_messages() {
  std::vector<std::string> messages;
  for (const Received& packet : take()) {
    if (packet.type() != mqtt::PacketType::publish) continue;
    const auto& publish = packet.as<mqtt::Publish>();
    messages.push_back(text(publish.topic, "=", publish.payload));
  }
  return messages;
}

Received TestClient::last() {
  auto packets = take();
  if (packets.empty()) throw std::runtime_error("nothing came");
  return packets.back();
}

void TestServer::pass_seconds(std::int64_t seconds) {
  for (std::int64_t i = 0; i < seconds; ++i) {
    now += 1000;
    steady += 1000;
    engine.tick();
    catch_up();
  }
}

void TestServer::catch_up() {
  while (dispatched < log.size()) {
    const Stored stored = log[dispatched++];
    Message message = stored.message.view();
    message.retain = stored.retain;
    engine.dispatch(message);
  }
}

void TestServer::put(std::string_view topic, std::string_view payload, std::uint8_t qos) {
  Message message;
  message.topic = topic;
  message.payload = payload;
  message.qos = qos;
  message.place = PhysicalOffset{static_cast<std::int64_t>(log.size())};
  log.push_back({OwnedMessage(message), false});
  catch_up();
}

void TestServer::store(const IncomingMessage& incoming, std::uint64_t token) {
  if (is_error(outcome)) return engine.stored(token, outcome);
  Message message = incoming.message;
  message.place = PhysicalOffset{static_cast<std::int64_t>(log.size())};
  log.push_back({OwnedMessage(message), message.retain});
  if (hold) {
    held.push_back(token);
  } else {
    engine.stored(token, ReasonCode::success);
  }
}

void TestServer::release() {
  for (const std::uint64_t token : std::exchange(held, {})) engine.stored(token, outcome);
}

bool TestServer::load(PhysicalOffset place, const std::function<void(const Message&)>& use) {
  if (place.value < 0 || place.value >= static_cast<std::int64_t>(log.size())) return false;
  const Stored& stored = log[static_cast<std::size_t>(place.value)];
  Message message = stored.message.view();
  message.retain = stored.retain;
  use(message);
  return true;
}

std::optional<ReasonCode> TestServer::authenticate(const Credentials& credentials, std::uint64_t token) {
  if (credentials.user_name == "slow") {
    judgements.push_back(token);
    askers.push_back(credentials.asker);
    return std::nullopt;
  }
  return credentials.user_name == "mallory" ? ReasonCode::bad_user_name_or_password : ReasonCode::success;
}

namespace {

/// The method "COUNT": the client says a number, the server the next one; "3" is who the client is, "0" is nobody.
class Counting final : public Authentication {
 public:
  Step next(std::string_view data) override {
    if (data == "0" || data.empty()) return {ReasonCode::bad_user_name_or_password, {}, {}};
    if (data == "3") return {ReasonCode::success, "4", "three"};
    return {ReasonCode::continue_authentication, text(data.front() + 1 - '0'), {}};
  }
};

}  // namespace

std::unique_ptr<Authentication> TestServer::begin_authentication(std::string_view method) {
  return method == "COUNT" ? std::make_unique<Counting>() : nullptr;
}

bool TestServer::may(Access, std::string_view, std::string_view, std::string_view topic) {
  return topic != forbidden_topic || forbidden_topic.empty();
}

}  // namespace tenon::protocol_mqtt
