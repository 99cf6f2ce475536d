// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <gtest/gtest.h>

#include <memory>
#include <new>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "mqtt/codec.hpp"
#include "protocol-mqtt/engine/testing/versions.hpp"
#include "protocol-mqtt/hub.hpp"
#include "protocol-mqtt/transport/connection.hpp"
#include "tenon/testing/forwarding_message_store.hpp"
#include "tenon/testing/manual_host.hpp"
#include "tenon/testing/memory_message_store.hpp"
#include "tenon/testing/temporary_directory.hpp"

/// A hub over a broker in memory, for tests of what it does at the end of a turn.
namespace tenon::protocol_mqtt {

/// A store that throws as often as it is told to, as if there were no memory left.
class ThrowingStore final : public testing::ForwardingMessageStore {
 public:
  mutable int reads_that_throw = 0;
  int journal_writes_that_throw = 0;

  using ForwardingMessageStore::ForwardingMessageStore;
  Result<AppendReceipt> append(const tenon::Message& message) override {
    if (message.topic == kSessionTopic) throw_while(journal_writes_that_throw);
    return ForwardingMessageStore::append(message);
  }
  ReadResult read(const ReadRequest& request) const override {
    throw_while(reads_that_throw);
    return ForwardingMessageStore::read(request);
  }

 private:
  static void throw_while(int& left) {
    if (left > 0 && left-- > 0) throw std::bad_alloc();
  }
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
  testing::MemoryMessageStore memory;
  ThrowingStore store{memory};
  MessageStore* whole_log = &store;
  std::vector<CommitGate*> gates;
  BrokerRole* role = nullptr;
  OneTopic topics;
  PlainPublishing publishing{store};
  std::shared_ptr<Hub> hub = make_hub();

  Scene() { hub->start(); }
  /// As if the broker promised more than to write.
  void pass_by(CommitGate& gate) {
    hub->stop();
    gates = {&gate};
    hub = make_hub();
    hub->start();
  }
  /// What was posted.
  void run() {
    host.context.restart();
    host.context.poll();
  }
  /// As if beside replication: the store shows less than it has.
  void replicate() {
    hub->stop();
    whole_log = &memory.whole_log();
    hub = make_hub();
    hub->start();
    hold_back_what_comes();
  }
  void hold_back_what_comes() { ASSERT_TRUE(memory.set_readable_end(memory.status().max_physical_offset)); }
  ~Scene() { hub->stop(); }
  std::shared_ptr<Hub> make_hub() {
    HubSettings settings;
    settings.sys_interval_s = 0;
    return std::make_shared<Hub>(BrokerParts{&host, &publishing, &store, whole_log, &topics, gates, role}, settings,
                                 TopicMap::make({}, "MQTT_DEFAULT", "{topic}").value(),
                                 Doorkeeper::make("", "").value());
  }
};

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

inline std::shared_ptr<Plain> connected(Scene& scene, std::string_view id, std::uint32_t expiry_s) {
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

}  // namespace tenon::protocol_mqtt
