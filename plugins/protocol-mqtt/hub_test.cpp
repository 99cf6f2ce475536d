// SPDX-License-Identifier: Apache-2.0
// What is thrown at the end of a turn, where nobody waits for it: the broker lives, and what was stored arrives.
#include "protocol-mqtt/hub.hpp"

#include <gtest/gtest.h>

#include <atomic>
#include <boost/asio/buffer.hpp>
#include <future>
#include <map>
#include <new>

#include "mqtt/codec.hpp"
#include "protocol-mqtt/engine/link.hpp"
#include "protocol-mqtt/testing/hub_scene.hpp"
#include "protocol-mqtt/transport/layered_connection.hpp"
#include "tenon/batch_queues.hpp"

namespace tenon::protocol_mqtt {
namespace {

/// A client without a socket. Each packet is a turn.
class Client final : public Transport {
 public:
  /// An empty filter subscribes to nothing.
  Client(Scene& scene, std::string_view id, std::uint32_t expiry_s, std::string_view filter = "t") : hub_(*scene.hub) {
    hub_.set_anonymous_allowed(true);
    mqtt::Connect connect;
    connect.version = kV5;
    connect.client_id = id;
    connect.properties.set(mqtt::PropertyId::session_expiry_interval, expiry_s);
    send(connect);
    if (filter.empty()) return;
    mqtt::Subscribe subscribe;
    subscribe.packet_id = 1;
    subscribe.requests.push_back({filter, {.qos = 1}});
    send(subscribe);
  }
  ~Client() override { link_.lost("test"); }

  void publish(std::string_view payload) { send(message(payload)); }
  void publish_retained(std::string_view payload) {
    mqtt::Publish publish = message(payload);
    publish.retain = true;
    send(publish);
  }
  /// What came since the last call.
  std::vector<std::string> take_messages() {
    std::vector<std::string> messages;
    const std::string bytes = std::exchange(link_.output(), {});
    std::string_view rest = bytes;
    while (!rest.empty()) {
      const auto frame = mqtt::next_frame(rest, rest.size(), kV5);
      const auto packet = mqtt::decode(**frame, kV5);
      if (const auto* publish = std::get_if<mqtt::Publish>(&*packet)) messages.emplace_back(publish->payload);
      rest.remove_prefix((*frame)->size);
    }
    return messages;
  }
  void output_ready() noexcept override {}
  void finish(std::string_view) noexcept override {}

 private:
  static mqtt::Publish message(std::string_view payload) {
    mqtt::Publish publish;
    publish.topic = "t";
    publish.payload = payload;
    publish.qos = 1;
    publish.packet_id = 7;
    return publish;
  }
  void send(const mqtt::Packet& packet) {
    std::string bytes;
    mqtt::encode(packet, kV5, bytes);
    const Hub::Turn turn(hub_);
    link_.receive(bytes);
  }
  Hub& hub_;
  Link link_{hub_.engine(), *this, HostAddress::v4({127, 0, 0, 1}, 5000)};
};

using Messages = std::vector<std::string>;

TEST(MqttHub, AReadThatThrowsIsMadeUpFor) {
  Scene scene;
  Client client(scene, "c", 0);
  scene.store.reads_that_throw = 1;
  client.publish("one");
  EXPECT_EQ(client.take_messages(), Messages());
  client.publish("two");
  EXPECT_EQ(client.take_messages(), (Messages{"one", "two"}));
}

TEST(MqttHub, AReadThatThrowsIsMadeUpForWithoutAnotherMessage) {
  Scene scene;
  Client client(scene, "c", 0);
  scene.store.reads_that_throw = 1;
  client.publish("one");
  Messages got;
  scene.host.context.restart();
  while (got.empty() && scene.host.context.run_one_for(std::chrono::seconds(10)) > 0) got = client.take_messages();
  EXPECT_EQ(got, Messages{"one"});
}

TEST(MqttHub, ABatchIsDroppedCountedAndSaidOnceWhateverWasDroppedBefore) {
  Scene scene;
  ASSERT_TRUE(scene.memory.keep_batches("MQTT_DEFAULT"));
  Client client(scene, "c", 0);
  const auto dropped_before = scene.hub->engine().counters().publishes_dropped = 5;
  tenon::Message batch;
  batch.topic = "MQTT_DEFAULT";
  batch.sys_flag = sys_flag::inner_batch;
  std::string properties;
  append_property(properties, property::inner_num, "1");
  batch.properties = properties;
  ::testing::internal::CaptureStderr();
  for (std::int64_t at = 0; at < 2; ++at) {
    ASSERT_TRUE(scene.store.append(batch));
    const Hub::Turn turn(*scene.hub);
    scene.hub->appended("MQTT_DEFAULT", 0, {at});
  }
  client.publish("one");
  const std::string said = ::testing::internal::GetCapturedStderr();
  EXPECT_EQ(client.take_messages(), Messages{"one"});
  EXPECT_EQ(scene.hub->engine().counters().publishes_dropped, dropped_before + 2);
  const std::size_t first = said.find("queue.type=BatchCQ, such as MQTT_DEFAULT");
  ASSERT_NE(first, std::string::npos) << said;
  EXPECT_EQ(said.find("queue.type=BatchCQ", first + 1), std::string::npos) << said;
}

TEST(MqttHub, SubscribersWaitForWhatAFailoverCouldTakeAway) {
  Scene scene;
  Client client(scene, "c", 0);
  client.publish("one");
  EXPECT_EQ(client.take_messages(), Messages{"one"});
  scene.hold_back_what_comes();
  client.publish("two");
  EXPECT_EQ(client.take_messages(), Messages());
  scene.hold_back_what_comes();
  {
    const Hub::Turn turn(*scene.hub);
    scene.hub->appended("MQTT_DEFAULT", 0, {1});  // as the kernel says it then
  }
  EXPECT_EQ(client.take_messages(), Messages{"two"});
}

TEST(MqttHub, ARetainedMessageIsKeptWhenItCanBeReadThoughNobodySubscribes) {
  Scene scene;
  scene.replicate();
  {
    Client publisher(scene, "p", 0, "");
    publisher.publish_retained("one");
    publisher.publish_retained("two");
  }
  EXPECT_TRUE(scene.hub->listens()) << "it waits for that";
  scene.hold_back_what_comes();
  {
    const Hub::Turn turn(*scene.hub);
    scene.hub->readable("MQTT_DEFAULT", 0, {1});
  }
  EXPECT_FALSE(scene.hub->listens());
  Client client(scene, "c", 0);
  EXPECT_EQ(client.take_messages(), Messages{"two"});
}

TEST(MqttHub, ARetainedMessageThatCanJustBeReadIsKeptWhenSomebodySubscribes) {
  Scene scene;
  scene.replicate();
  Client publisher(scene, "p", 0, "");
  publisher.publish_retained("one");
  scene.hold_back_what_comes();  // and nobody was told yet
  Client client(scene, "c", 0);
  EXPECT_EQ(client.take_messages(), Messages{"one"});
}

TEST(MqttHub, AJournalThatThrowsCostsNoMessage) {
  Scene scene;
  Client client(scene, "kept", 600);
  scene.store.journal_writes_that_throw = 1;
  client.publish("one");
  client.publish("two");
  EXPECT_EQ(client.take_messages(), (Messages{"one", "two"}));
}

TEST(MqttHub, ClientsWhoseHandshakeIsOursToGoOnWithAreNotLate) {
  Scene scene;
  Plain first(*scene.hub), second(*scene.hub);
  Openings openings(2);
  openings.begin(first, 0);
  openings.begin(second, 0);
  first.shaking = second.shaking = true;
  EXPECT_EQ(openings.overdue(60'000), nullptr);
  second.shaking = false;
  EXPECT_EQ(openings.overdue(60'000), &second);
  openings.excuse(second, 59'500);
  EXPECT_EQ(openings.overdue(60'000), nullptr) << "half a second was its own";
  EXPECT_EQ(openings.overdue(60'500), &second);
}

/// A layer whose handshake never ends.
class EndlessHandshake final : public Layer {
 public:
  explicit EndlessHandshake(std::atomic<int>& steps) : steps_(steps) {}
  Status receive(std::string_view, std::string&, std::string&) override {
    ++steps_;
    return {};
  }
  Status send(std::string_view, std::string&) override { return {}; }
  void end(std::string&) override {}
  bool handshaking() const noexcept override { return true; }

 private:
  std::atomic<int>& steps_;
};

TEST(MqttHub, NoHandshakeIsGoneOnWithWhoseClientIsGone) {
  using boost::asio::ip::tcp;
  Scene scene;
  auto& io = scene.host.context;
  io.restart();
  std::promise<void> go;
  ASSERT_TRUE(scene.hub->slow_work().give(
      SlowWork::Kind::handshake, [&] { go.get_future().wait(); }, [] {}));
  tcp::acceptor acceptor(io, {boost::asio::ip::address_v4::loopback(), 0});
  tcp::socket client(io);
  client.connect(acceptor.local_endpoint());
  std::atomic<int> steps = 0;
  const auto connection = std::make_shared<LayeredConnection>(*scene.hub, acceptor.accept(), HostAddress(), true,
                                                              std::make_unique<EndlessHandshake>(steps));
  connection->start();
  client.send(boost::asio::buffer("hello", 5));
  while (!connection->waits_for_us() && io.run_one_for(std::chrono::seconds(10)) > 0) {
  }
  EXPECT_TRUE(connection->waits_for_us());
  connection->close_now();
  bool last = false;
  ASSERT_TRUE(scene.hub->slow_work().give(
      SlowWork::Kind::handshake, [] {}, [&] { last = true; }));
  go.set_value();
  while (!last && io.run_one_for(std::chrono::seconds(10)) > 0) {
  }
  EXPECT_TRUE(last);
  EXPECT_EQ(steps, 0);
}

TEST(MqttHub, SomebodyWhoSetsTheClockLetsNothingExpire) {
  Scene scene;
  const std::int64_t before = scene.hub->now_ms();
  scene.host.clock_ms += std::int64_t{10} * 365 * 86'400'000;
  EXPECT_LT(scene.hub->now_ms(), before + 60'000);
  EXPECT_GE(scene.hub->now_ms(), before);
}

}  // namespace
}  // namespace tenon::protocol_mqtt
