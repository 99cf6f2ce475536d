// SPDX-License-Identifier: Apache-2.0
#include "tenon/plugin.hpp"

#include <atomic>
#include <memory>
#include <mutex>
#include <string>
#include <utility>

#include "protocol-mqtt/server.hpp"
#include "protocol-mqtt/transport/listener_keys.hpp"
#include "tenon/broker_role.hpp"
#include "tenon/commit_gate.hpp"
#include "tenon/readable_end.hpp"
#include "tenon/system_topic.hpp"

namespace tenon::protocol_mqtt {
namespace {

constexpr ConfigKey kKeys[] = {
    {"listen", ConfigType::address_list, R"(["127.0.0.1:1883"])",
     "Where to listen for MQTT over TCP. Where there are `listeners`, only if it is set."},
    {.name = "listeners",
     .type = ConfigType::table_list,
     .meaning = "Further listeners, a table each: TLS, WebSocket.",
     .keys = kListenerKeys},
    {"allow_anonymous", ConfigType::string, "loopback",
     "Clients without a user name: only on listeners bound to loopback, everywhere, or nowhere.", INT64_MIN, INT64_MAX,
     "loopback|always|never"},
    {"password_file", ConfigType::path, "", "Names and secrets, as mosquitto_passwd writes them; empty: none."},
    {"acl_file", ConfigType::path, "", "Access rules in Mosquitto's format; empty: everybody may do everything."},
    {"routes", ConfigType::string_list, "[]",
     R"(Which RocketMQ topic keeps which MQTT topics: "sensors/# -> iot-sensors"; the first that matches counts. )"
     "Behind it: tag=<level> and keys=<level> make a level of the MQTT topic, from 1, the tag or the key; order=client "
     "keeps the order of all that a client says, not just of each MQTT topic."},
    {"default_topic", ConfigType::string, "MQTT_DEFAULT",
     "Keeps what no route names and whose first level is no RocketMQ topic."},
    {"default_topic_queues", ConfigType::integer, "8", "Queues of topics that this plug-in creates.", 1, 1024},
    {"name_of_others", ConfigType::string, "{topic}",
     "MQTT name of messages by other protocols: {topic} or {topic}/{tag}."},
    {"store_qos0", ConfigType::boolean, "true", "Store QoS 0 messages too, so that RocketMQ consumers see them."},
    {"user_properties", ConfigType::boolean, "true",
     "User properties of MQTT 5.0 become properties of the record; TAGS and KEYS among them tag and keys."},
    {"sys_interval", ConfigType::duration, "10s", "How often the topics under $SYS/broker are told; 0s: never.", 0,
     86'400'000},
    {"max_connections", ConfigType::integer, "100000", "Connections open at a time.", 1, 10'000'000},
    {"max_openings", ConfigType::integer, "5000",
     "Connections that have not sent CONNECT yet. Further ones wait, or take the place of a silent one.", 1,
     10'000'000},
    {"login_threads", ConfigType::integer, "1",
     "Threads for TLS handshakes and for passwords, so that clients which connect hold up nobody who is connected.", 1,
     64},
    {"max_sessions", ConfigType::integer, "1000000", "Sessions, connected or not.", 1, 100'000'000},
    {"max_packet_size", ConfigType::size, "4MiB", "Largest packet accepted; clients of 5.0 are told.", 1024,
     std::int64_t{256} << 20},
    {"max_partial_packets", ConfigType::size, "256MiB", "Memory for half-received packets of all connections together.",
     1 << 20, std::int64_t{1} << 40},
    {"receive_maximum", ConfigType::integer, "256", "QoS 1 and 2 messages a client may have under way to us.", 1,
     65'535},
    {"max_inflight_messages", ConfigType::integer, "256",
     "QoS 1 and 2 messages under way to a client, which may ask for less.", 1, 8'192},
    {"max_queued_messages", ConfigType::integer, "10000",
     "QoS 1 and 2 messages that wait for one session; beyond that new ones are dropped.", 1, 10'000'000},
    {"max_queued_size", ConfigType::size, "256MiB",
     "Memory for messages that wait, of all sessions together; their payloads lie in the log. Beyond that new ones are "
     "dropped.",
     65'536, std::int64_t{1} << 40},
    {"max_unsent", ConfigType::size, "1MiB", "Unsent bytes of a connection at which messages wait, QoS 0 is dropped.",
     4096, 1 << 30},
    {"max_subscriptions", ConfigType::integer, "1000", "Subscriptions of one session.", 1, 100'000},
    {"max_topic_aliases", ConfigType::integer, "16", "Topic aliases of a connection, each way.", 0, 65'535},
    {"max_keep_alive", ConfigType::duration, "0s",
     "Longest keep-alive of clients of 5.0, who are told; 0s: whatever they say.", 0, 65'535'000},
    {"max_session_expiry", ConfigType::duration, "72h",
     "Longest time a session outlives its connection: no longer than messages are kept.", 1000,
     std::int64_t{0xFFFF'FFFE} * 1000},
    {"max_retained_messages", ConfigType::integer, "1000000", "Retained messages.", 0, 100'000'000},
    {"max_retained_size", ConfigType::size, "256MiB", "Memory of retained messages.", 0, std::int64_t{1} << 40},
    {"max_qos", ConfigType::integer, "2", "Highest QoS that clients may publish with and are granted.", 0, 2},
    {"retain_available", ConfigType::boolean, "true", "Keep retained messages; else who sends one is disconnected."},
    {"wildcard_subscriptions", ConfigType::boolean, "true", "Grant subscriptions with + and #."},
    {"shared_subscriptions", ConfigType::boolean, "true", "Grant subscriptions to $share/..."},
    {"response_topics", ConfigType::string, "",
     "What clients of 5.0 that ask for it are told to begin their response topics with, {client} being the client id: "
     R"("responses/{client}/"; empty: nothing.)"},
    {"check_payload_format", ConfigType::boolean, "false",
     "Refuse payloads that say they are UTF-8 (payload format indicator 1) and are not."},
};

EngineSettings engine_settings(const ConfigSection& section) {
  EngineSettings engine;
  engine.receive_maximum = static_cast<std::uint16_t>(section.integer("receive_maximum"));
  engine.inflight_max = static_cast<std::uint16_t>(section.integer("max_inflight_messages"));
  engine.topic_alias_maximum = static_cast<std::uint16_t>(section.integer("max_topic_aliases"));
  engine.packet_bytes_max = static_cast<std::uint32_t>(section.size_bytes("max_packet_size"));
  engine.keep_alive_max_s = static_cast<std::uint16_t>(section.duration("max_keep_alive").count() / 1000);
  engine.session_expiry_max_s = static_cast<std::uint32_t>(section.duration("max_session_expiry").count() / 1000);
  engine.queued_messages_max = static_cast<std::size_t>(section.integer("max_queued_messages"));
  engine.waiting_bytes_max = static_cast<std::size_t>(section.size_bytes("max_queued_size"));
  engine.output_bytes_high = static_cast<std::size_t>(section.size_bytes("max_unsent"));
  engine.subscriptions_max = static_cast<std::size_t>(section.integer("max_subscriptions"));
  engine.sessions_max = static_cast<std::size_t>(section.integer("max_sessions"));
  engine.retained_max = static_cast<std::size_t>(section.integer("max_retained_messages"));
  engine.retained_bytes_max = static_cast<std::size_t>(section.size_bytes("max_retained_size"));
  engine.qos_max = static_cast<std::uint8_t>(section.integer("max_qos"));
  engine.retain_available = section.boolean("retain_available");
  engine.wildcard_subscriptions = section.boolean("wildcard_subscriptions");
  engine.shared_subscriptions = section.boolean("shared_subscriptions");
  engine.response_topics = section.string("response_topics");
  engine.check_payload_format = section.boolean("check_payload_format");
  return engine;
}

/// Is told of appends before the hub is there and after it is gone, too.
class AppendRelay final : public AppendListener {
 public:
  void connect(std::shared_ptr<Hub> hub) {
    hub_ = std::move(hub);
    connected_ = true;
  }
  bool listens() const noexcept override { return connected_ && hub_->listens(); }
  void appended(std::string_view topic, std::int32_t queue_id, QueueOffset offset) noexcept override {
    hub_->appended(topic, queue_id, offset);
  }
  void readable(std::string_view topic, std::int32_t queue_id, QueueOffset offset) noexcept override {
    hub_->readable(topic, queue_id, offset);
  }

 private:
  std::shared_ptr<Hub> hub_;
  std::atomic<bool> connected_{false};
};

/// Lets the kernel make the journal's topic.
class SessionTopic final : public SystemTopic {
 public:
  std::int32_t queue_nums() const noexcept override { return 1; }
};

class MqttPlugin final : public Plugin {
 public:
  explicit MqttPlugin(Host& host) : host_(host) { broker_.host = &host; }

  std::span<const ConfigKey> config_keys() const override { return kKeys; }

  void configure(const ConfigSection& section, Diagnostics& complaints) override {
    setup_.listeners = read_listeners(section, complaints);
    setup_.hub.engine = engine_settings(section);
    setup_.hub.connections_max = static_cast<std::size_t>(section.integer("max_connections"));
    setup_.hub.openings_max = static_cast<std::size_t>(section.integer("max_openings"));
    setup_.hub.slow_threads = static_cast<std::size_t>(section.integer("login_threads"));
    setup_.hub.partial_bytes_max = section.size_bytes("max_partial_packets");
    setup_.hub.store_qos0 = section.boolean("store_qos0");
    setup_.hub.sys_interval_s = section.duration("sys_interval").count() / 1000;
    setup_.hub.user_properties = section.boolean("user_properties");
    password_file_ = section.string("password_file");
    acl_file_ = section.string("acl_file");
    topic_queues_ = static_cast<std::int32_t>(section.integer("default_topic_queues"));
    auto map =
        TopicMap::make(section.list("routes"), section.string("default_topic"), section.string("name_of_others"));
    if (map) {
      map_ = std::move(*map);
    } else {
      complaints.error("routes", map.error().message());
    }
  }

  void wire(Services& services) override {
    services.provide<AppendListener>(relay_);
    services.provide<SystemTopic>(session_topic_, kSessionTopic);
    broker_.publishing = &services.require<Publishing>();
    broker_.store = broker_.whole_log = &services.require<MessageStore>();
    if (auto* readable = services.find<ReadableEnd>()) broker_.whole_log = &readable->whole_log();
    broker_.topics = &services.require<Topics>();
    for (const auto& gate : services.find_all<CommitGate>()) broker_.gates.push_back(gate.service);
    broker_.role = services.find<BrokerRole>();
  }

  /// A slave does not listen: clients that know several brokers go on to the master. When it becomes the master, it has
  /// what its predecessor has noted of sessions, retained messages and wills in its log, and begins as after a crash.
  void start() override {
    if (broker_.is_master()) {
      open();
      return announce();
    }
    check_files();
    host_.log().info("not listening: this broker is a slave");
    broker_.role->when_master([this] {
      open();
      begin();
    });
  }

  void serve() override {
    if (broker_.is_master()) begin();
  }

  /// Certificates, passwords and rules are read again; each stays as it was if it cannot be read.
  void reload(const ConfigSection&) override {
    const std::scoped_lock lock(mutex_);
    if (!server_) return;
    for (const Error& problem : server_->read_certificates_again()) host_.log().error(problem.message());
    auto doorkeeper = Doorkeeper::make(password_file_, acl_file_);
    if (!doorkeeper) return host_.log().error(doorkeeper.error().message());
    server_->run_on_hub([&] { hub_->replace(std::move(*doorkeeper)); });
    host_.log().info("certificates, passwords and access rules were read again");
  }

  void drain(std::chrono::steady_clock::time_point deadline) override {
    const std::scoped_lock lock(mutex_);
    if (server_) server_->drain(deadline);
  }

  void stop() noexcept override {
    const std::scoped_lock lock(mutex_);
    if (server_) server_->stop();
  }

 private:
  void open() {
    const std::scoped_lock lock(mutex_);
    check_topics();
    auto hub = std::make_shared<Hub>(broker_, setup_.hub, map_, Doorkeeper::make(password_file_, acl_file_).value());
    auto server = std::make_unique<Server>(setup_, hub);
    server->open();
    server_ = std::move(server);
    hub_ = std::move(hub);
    for (const auto& listener : server_->listeners()) {
      host_.log().info("listening on ", listener->address(), ", ", listener->settings().kind_name());
    }
  }

  /// Again, by a promotion that came in the middle of the start: does nothing.
  void begin() {
    const std::scoped_lock lock(mutex_);
    if (!server_ || std::exchange(serving_, true)) return;
    create_topics();
    relay_.connect(hub_);
    server_->serve();
  }

  void announce() {
    for (const auto& listener : server_->listeners()) {
      const ListenerSettings& settings = listener->settings();
      const std::string name = settings.kind == TransportKind::tcp ? "MQTT" : text("MQTT, ", settings.kind_name());
      host_.announce_listener(name, listener->address().to_string());
    }
  }

  /// What is wrong with them is to be known now, not when the master is gone.
  void check_files() const {
    Doorkeeper::make(password_file_, acl_file_).value();
    for (const ListenerSettings& settings : setup_.listeners) {
      if (settings.uses_tls()) TlsContext::make(settings.tls).value();
    }
  }

  void check_topics() const {
    for (const std::string& name : map_.own_topics()) {
      if (!broker_.topics->is_system(name)) continue;
      throw Failure(
          Error(Errc::invalid_parameter, text("'", name, "' is a system topic: MQTT cannot keep messages there")));
    }
  }

  void create_topics() {
    for (const std::string& name : map_.own_topics()) {
      if (broker_.topics->find(name)) continue;
      TopicConfig topic;
      topic.name = name;
      topic.read_queue_nums = topic.write_queue_nums = topic_queues_;
      broker_.topics->put(std::move(topic), [log = host_.log(), name](const Status& status) {
        if (!status) log.error("cannot create topic ", name, ": ", status.error().message());
      });
    }
  }

  Host& host_;
  Server::Setup setup_;
  TopicMap map_;
  std::string password_file_, acl_file_;
  BrokerParts broker_;
  AppendRelay relay_;
  SessionTopic session_topic_;
  std::mutex mutex_;  ///< Of the next three: a promotion is on a thread of its own.
  bool serving_ = false;
  std::shared_ptr<Hub> hub_;
  std::unique_ptr<Server> server_;
  std::int32_t topic_queues_ = 8;
};

}  // namespace
}  // namespace tenon::protocol_mqtt

TENON_PLUGIN(tenon::protocol_mqtt::MqttPlugin, "tenon.protocol-mqtt", TENON_SDK_VERSION,
             "tenon.append-listener/1; tenon.system-topic/1:rmq_sys_mqtt_session",
             "tenon.publishing/1; tenon.message-store/2; tenon.readable-end/1?; tenon.topics/1; "
             "tenon.commit-gate/1?; tenon.broker-role/2?")
