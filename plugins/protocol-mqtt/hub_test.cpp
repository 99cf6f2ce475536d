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
#include "protocol-mqtt/mapping/record_mapping.hpp"
#include "protocol-mqtt/transport/connection.hpp"
#include "protocol-mqtt/transport/layered_connection.hpp"
#include "tenon/testing/manual_host.hpp"
#include "tenon/testing/memory_message_store.hpp"
#include "tenon/testing/temporary_directory.hpp"

namespace tenon::protocol_mqtt {
namespace {

constexpr auto kV5 = mqtt::ProtocolVersion::v5;

/// A store in memory that throws as often as it is told to, as if there were no memory left.
class ThrowingStore final : public MessageStore {
 public:
  mutable int reads_that_throw = 0;
  int journal_writes_that_throw = 0;

  Result<AppendReceipt> append(const tenon::Message& message) override {
    if (message.topic == kSessionTopic) throw_while(journal_writes_that_throw);
    return memory_.append(message);
  }
  ReadResult read(const ReadRequest& request) const override {
    throw_while(reads_that_throw);
    return memory_.read(request);
  }
  Result<AppendReceipt> append_batch(std::span<const tenon::Message> messages,
                                     std::span<PhysicalOffset> offsets) override {
    return memory_.append_batch(messages, offsets);
  }
  Result<StoredRecord> record_at(PhysicalOffset offset) const override { return memory_.record_at(offset); }
  Result<StoredMessage> message_at(PhysicalOffset offset) const override { return memory_.message_at(offset); }
  Result<KeyQueryResult> query_by_key(const KeyQuery& query) const override { return memory_.query_by_key(query); }
  QueueBounds bounds(std::string_view topic, std::int32_t id) const override { return memory_.bounds(topic, id); }
  Result<std::int64_t> store_time_at(std::string_view topic, std::int32_t id, QueueOffset at) const override {
    return memory_.store_time_at(topic, id, at);
  }
  QueueOffset offset_at_time(std::string_view topic, std::int32_t id, std::int64_t ms, TimeBoundary b) const override {
    return memory_.offset_at_time(topic, id, ms, b);
  }
  Status delete_topic(std::string_view topic) override { return memory_.delete_topic(topic); }
  StoreStatus status() const override { return memory_.status(); }
  MessageStore& whole_log() { return memory_.whole_log(); }
  void hold_back_what_comes() { ASSERT_TRUE(memory_.set_readable_end(status().max_physical_offset)); }

 private:
  static void throw_while(int& left) {
    if (left > 0 && left-- > 0) throw std::bad_alloc();
  }
  testing::MemoryMessageStore memory_;
};

/// MQTT_DEFAULT with one queue.
class OneTopic final : public Topics {
 public:
  OneTopic() {
    TopicConfig config;
    config.name = "MQTT_DEFAULT";
    config.read_queue_nums = config.write_queue_nums = 1;
    config_ = std::make_shared<const TopicConfig>(std::move(config));
  }
  std::shared_ptr<const TopicConfig> find(std::string_view topic) const override {
    return topic == config_->name ? config_ : nullptr;
  }
  std::vector<std::shared_ptr<const TopicConfig>> list() const override { return {config_}; }
  DataVersion version() const override { return {}; }
  bool is_system(std::string_view topic) const override { return topic == kSessionTopic; }
  void put(TopicConfig, Done done) override { done({}); }
  void remove(std::string_view, Done done) override { done({}); }

 private:
  std::shared_ptr<const TopicConfig> config_;
};

/// Straight into the store.
class PlainPublishing final : public Publishing {
 public:
  explicit PlainPublishing(MessageStore& store) : store_(store) {}
  void publish(const PublishRequest& request, const std::shared_ptr<PublishCompletion>& completion,
               std::uint64_t token) override {
    const auto appended = store_.append(request.message);
    if (!appended) return completion->published(token, appended.error());
    PublishReceipt receipt;
    receipt.append = *appended;
    completion->published(token, receipt);
  }
  void publish_batch(const PublishRequest&, std::span<const BatchEntry>, const std::shared_ptr<PublishCompletion>&,
                     std::uint64_t) override {}
  void send_back(const SendBackRequest&, const std::shared_ptr<PublishCompletion>&, std::uint64_t) override {}

 private:
  MessageStore& store_;
};

struct Scene {
  testing::TemporaryDirectory directory;
  testing::ManualHost host{directory.path()};
  ThrowingStore store;
  MessageStore* whole_log = &store;
  OneTopic topics;
  PlainPublishing publishing{store};
  std::shared_ptr<Hub> hub = make_hub();

  Scene() { hub->start(); }
  /// As if beside replication: the store shows less than it has.
  void replicate() {
    hub->stop();
    whole_log = &store.whole_log();
    hub = make_hub();
    hub->start();
    store.hold_back_what_comes();
  }
  ~Scene() { hub->stop(); }
  std::shared_ptr<Hub> make_hub() {
    HubSettings settings;
    settings.sys_interval_s = 0;
    return std::make_shared<Hub>(BrokerParts{&host, &publishing, &store, whole_log, &topics}, settings,
                                 TopicMap::make({}, "MQTT_DEFAULT", "{topic}").value(),
                                 Doorkeeper::make("", "").value());
  }
};

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

TEST(MqttHub, SubscribersWaitForWhatAFailoverCouldTakeAway) {
  Scene scene;
  Client client(scene, "c", 0);
  client.publish("one");
  EXPECT_EQ(client.take_messages(), Messages{"one"});
  scene.store.hold_back_what_comes();
  client.publish("two");
  EXPECT_EQ(client.take_messages(), Messages());
  scene.store.hold_back_what_comes();
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
  scene.store.hold_back_what_comes();
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
  scene.store.hold_back_what_comes();  // and nobody was told yet
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

/// A connection over a stream that takes everything at once.
class Plain final : public Connection {
 public:
  explicit Plain(Hub& hub) : Connection(hub, HostAddress::v4({127, 0, 0, 1}, 5000), true) {}
  void give(const mqtt::Packet& packet) {
    std::string bytes;
    mqtt::encode(packet, kV5, bytes);
    give_bytes(bytes);
  }
  void give_bytes(std::string_view bytes) { received(bytes); }
  bool shaking_hands() const noexcept override { return shaking; }
  std::string sent;
  bool shaking = false;

 protected:
  void start_receive() override {}
  Sent send_some(std::string& output) override {
    sent += std::exchange(output, {});
    return Sent::all;
  }
  std::size_t unsent() const noexcept override { return 0; }
  void end_output() noexcept override {}
  void close_stream() noexcept override {}
};

std::shared_ptr<Plain> connected(Scene& scene, std::string_view id, std::uint32_t expiry_s) {
  auto connection = std::make_shared<Plain>(*scene.hub);
  connection->start();
  mqtt::Connect connect;
  connect.version = kV5;
  connect.client_id = id;
  connect.clean_start = expiry_s == 0;
  connect.properties.set(mqtt::PropertyId::session_expiry_interval, expiry_s);
  connection->give(connect);
  EXPECT_FALSE(std::exchange(connection->sent, {}).empty()) << "CONNACK";
  return connection;
}

TEST(MqttHub, WhatTheJournalCouldNotSayNobodyIsTold) {
  Scene scene;
  const auto kept = connected(scene, "kept", 600), passing = connected(scene, "passing", 0);
  mqtt::Subscribe subscribe;
  subscribe.packet_id = 1;
  subscribe.requests.push_back({"t", {.qos = 1}});
  scene.store.journal_writes_that_throw = 1;
  kept->give(subscribe);
  passing->give(subscribe);
  EXPECT_TRUE(kept->sent.empty()) << "after kill -9 the subscription would be missing";
  EXPECT_FALSE(passing->sent.empty()) << "its session ends with the process anyway";
  scene.host.context.restart();
  while (kept->sent.empty() && scene.host.context.run_one_for(std::chrono::seconds(10)) > 0) {
  }
  EXPECT_FALSE(kept->sent.empty()) << "everything is written within a second or two";
}

TEST(MqttHub, AQos2MessageThatIsHeldBackAtTheStartIsKnownAndConfirmedWhenItIsSafe) {
  Scene scene;
  scene.replicate();
  connected(scene, "kept", 600);
  scene.hub->stop();
  IncomingMessage incoming;
  incoming.message.topic = "t";
  incoming.message.publisher = "kept";
  incoming.message.qos = 2;
  incoming.qos2_packet_id = 9;
  const std::string properties = record_properties(incoming, {}).value();
  tenon::Message record;
  record.topic = "MQTT_DEFAULT";
  record.properties = properties;
  ASSERT_TRUE(scene.store.append(record)) << "as if the process was killed before the journal was told";
  scene.hub = scene.make_hub();
  scene.hub->start();
  const auto client = connected(scene, "kept", 600);
  mqtt::Publish publish;
  publish.topic = "t";
  publish.qos = 2;
  publish.packet_id = 9;
  client->give(publish);
  EXPECT_EQ(scene.store.whole_log().bounds("MQTT_DEFAULT", 0).max.value, 1) << "not stored twice";
  EXPECT_TRUE(client->sent.empty()) << "a failover could still take it away";
  scene.store.hold_back_what_comes();
  {
    const Hub::Turn turn(*scene.hub);
    scene.hub->readable("MQTT_DEFAULT", 0, {0});
  }
  const auto frame = mqtt::next_frame(client->sent, client->sent.size(), kV5);
  ASSERT_TRUE(frame && *frame);
  EXPECT_EQ((*frame)->type, mqtt::PacketType::pubrec);
}

TEST(MqttHub, WhoLeavesAtOnceIsNotToldEither) {
  Scene scene;
  const auto kept = connected(scene, "kept", 600);
  mqtt::Subscribe subscribe;
  subscribe.packet_id = 1;
  subscribe.requests.push_back({"t", {.qos = 1}});
  scene.store.journal_writes_that_throw = 1;
  std::string both;
  mqtt::encode(subscribe, kV5, both);
  mqtt::encode(mqtt::Closing{}, kV5, both);
  kept->give_bytes(both);
  EXPECT_TRUE(kept->sent.empty()) << "after kill -9 the subscription would be missing";
  scene.host.context.restart();
  while (kept->sent.empty() && scene.host.context.run_one_for(std::chrono::seconds(10)) > 0) {
  }
  EXPECT_FALSE(kept->sent.empty()) << "SUBACK, when everything is written";
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
