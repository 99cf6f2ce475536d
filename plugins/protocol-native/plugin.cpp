// SPDX-License-Identifier: Apache-2.0
#include "tenon/plugin.hpp"

#include <csignal>
#include <memory>
#include <string>

#include "protocol-native/advertised_address.hpp"
#include "protocol-native/all_handlers.hpp"
#include "protocol-native/registrar/name_server_registrar.hpp"
#include "protocol-native/server.hpp"

namespace tenon::protocol_native {
namespace {

constexpr ConfigKey kKeys[] = {
    {"listen", ConfigType::address_list, R"(["127.0.0.1:10911"])",
     "Where to listen; the first is the broker's address. Every listener serves broker and name-server requests."},
    {"advertise", ConfigType::string, "",
     "Address that clients are told, as host:port with a numeric host; empty: the first of `listen`."},
    {"max_connections", ConfigType::integer, "20000", "Connections open at a time; more are closed at once.", 1,
     1'000'000},
    {"idle_timeout", ConfigType::duration, "120s", "A connection without traffic is closed after this.", 1000,
     86'400'000},
    {"frame_timeout", ConfigType::duration, "60s", "A frame that has begun must be complete after this.", 1000,
     3'600'000},
    {"write_timeout", ConfigType::duration, "60s", "A client that reads nothing of its answers is closed after this.",
     1000, 3'600'000},
    {"max_frame_size", ConfigType::size, "16MiB", "Largest frame accepted.", 1024, 1 << 30},
    {"max_unsent", ConfigType::size, "4MiB",
     "Unsent answers of one connection at which its requests wait until the client has read.", 4096, 1 << 30},
    {"max_partial_frames", ConfigType::size, "256MiB", "Memory for half-received frames of all connections together.",
     1 << 20, std::int64_t{1} << 40},
    {"max_requests_in_flight", ConfigType::integer, "16384",
     "Pulls, and as many sends, of one connection that may wait at a time.", 1, 1'000'000},
    {"catch_up_distance", ConfigType::size, "64MiB",
     "A client that reads this far behind the end of the log, or farther, is served by a separate thread "
     "(catch-up-N) until it has caught up, so that sends do not wait for it; 0B: no client is.",
     0, std::int64_t{1} << 40},
    {"remote_admin", ConfigType::boolean, "false",
     "Take the commands of `tenon ha` from other hosts, too; false: from this one only."},
};

std::chrono::seconds whole_seconds(std::chrono::milliseconds duration) {
  return std::chrono::ceil<std::chrono::seconds>(duration);
}

class NativePlugin final : public Plugin, private TableGateKeeper {
 public:
  explicit NativePlugin(Host& host) : host_(host) {}

  std::span<const ConfigKey> config_keys() const override { return kKeys; }

  void configure(const ConfigSection& section, Diagnostics& complaints) override {
    settings_.listen = section.list("listen");
    services_.remote_admin_commands = section.boolean("remote_admin");
    if (settings_.listen.empty()) complaints.error("listen", "at least one address is needed");
    settings_.advertise = section.string("advertise");
    if (!settings_.advertise.empty() && !advertised_address(HostAddress::v4({127, 0, 0, 1}, 1), settings_.advertise)) {
      complaints.error("advertise", "expected a numeric address such as \"10.0.0.5:10911\"");
    }
    settings_.connections_max = static_cast<std::int32_t>(section.integer("max_connections"));
    settings_.idle_timeout = whole_seconds(section.duration("idle_timeout"));
    settings_.frame_timeout = whole_seconds(section.duration("frame_timeout"));
    settings_.write_timeout = whole_seconds(section.duration("write_timeout"));
    settings_.frame_bytes_max = static_cast<std::size_t>(section.size_bytes("max_frame_size"));
    settings_.output_high_bytes = section.size_bytes("max_unsent");
    settings_.partial_frames_bytes_max = section.size_bytes("max_partial_frames");
    settings_.requests_in_flight_max = static_cast<std::int32_t>(section.integer("max_requests_in_flight"));
    settings_.catch_up_distance = section.size_bytes("catch_up_distance");
  }

  void wire(Services& services) override {
    services.provide<RouteRegistrar>(registrar_);
    services.provide<TableGateKeeper>(*this);
    services_.host = &host_;
    services_.identity = services.find<BrokerIdentity>();
    services_.topics = services.find<Topics>();
    services_.groups = services.find<Groups>();
    services_.offsets = services.find<ConsumerOffsets>();
    services_.offset_changes = services.find<ConsumerOffsetChanges>();
    services_.clients = services.find<ClientRegistry>();
    services_.locks = services.find<QueueLocks>();
    services_.publishing = services.find<Publishing>();
    services_.pulling = services.find<Pulling>();
    services_.pop = services.find<PopConsumption>();
    services_.store = services.find<MessageStore>();
    services_.gathering = services.find<AppendGathering>();
    services_.statistics = services.find<Statistics>();
    services_.transactions = services.find<TransactionCoordinator>();
    services_.scheduler = services.find<DeliveryScheduler>();
    services_.routes = services.find<RouteTable>();
    services_.ask_queues = [this](std::string_view topic, QueuesFound found) {
      // A Java client waits for a second, then for two and for three.
      registrar_.find_queues(topic, std::chrono::seconds(1), std::move(found));
    };
    services_.key_values = services.find<KeyValueConfig>();
    services_.filters = services.find_all<FilterCompiler>();
    services_.admin_commands = services.find<AdminCommands>();
  }

  void start() override {
    std::signal(SIGPIPE, SIG_IGN);  // sendfile has no MSG_NOSIGNAL
    services_.traces = trace_fields_of(services_.identity);
    server_ =
        std::make_unique<Server>(settings_, services_, host_.log(), host_.net_executors(), host_.catch_up_executors());
    register_all_handlers(server_->handlers(), services_);
    server_->open();
    const HostAddress advertised = advertised_address(server_->first_address(), settings_.advertise).value();
    registrar_.start(host_.net_executors().front(), advertised, [this](const auto& from, const auto& to) {
      return !server_->serves() && server_->is_reached_by(from, to);
    });
    announce(advertised);
  }

  void serve() override { server_->serve(); }

  void drain(std::chrono::steady_clock::time_point deadline) override {
    if (server_) server_->drain(deadline);
  }

  void stop() noexcept override {
    registrar_.stop();
    if (server_) server_->stop();
  }

 private:
  void set_table_gate(TableGate& gate) override { server_->set_table_gate(gate); }

  void announce(const HostAddress& advertised) {
    for (const HostAddress& address : server_->addresses()) {
      host_.log().info("listening on ", address);
      host_.announce_listener("RocketMQ protocol", address.to_string());
    }
    if (advertised == server_->first_address()) return;
    host_.announce_listener("told to clients", advertised.to_string());
    if (is_address_of_this_host(advertised)) return;
    host_.log().warn("clients are told ", advertised, ", which is no address of this host: it must lead here");
  }

  Host& host_;
  Settings settings_;
  BrokerServices services_;
  NameServerRegistrar registrar_;
  std::unique_ptr<Server> server_;
};

}  // namespace
}  // namespace tenon::protocol_native

TENON_PLUGIN(
    tenon::protocol_native::NativePlugin, "tenon.protocol-native", TENON_SDK_VERSION,
    "tenon.route-registrar/4; tenon.table-gate-keeper/1",
    "tenon.broker-identity/1?; tenon.topics/1?; tenon.groups/1?; tenon.consumer-offsets/2?; "
    "tenon.consumer-offset-changes/2?; "
    "tenon.client-registry/1?; tenon.queue-locks/1?; tenon.publishing/1?; tenon.pulling/1?; tenon.pop-consumption/1?; "
    "tenon.message-store/2?; tenon.append-gathering/1?; tenon.statistics/1?; tenon.transaction-coordinator/1?; "
    "tenon.delivery-scheduler/1?; tenon.route-table/1?; tenon.key-value-config/1?; "
    "tenon.filter-compiler/1?; tenon.admin-commands/1?")
