// SPDX-License-Identifier: Apache-2.0
#include "tenon/plugin.hpp"

#include <optional>

#include "ha/control/ha_commands.hpp"
#include "ha/ha_engine.hpp"
#include "ha/metadata/metadata_sync.hpp"
#include "tenon/broker_identity.hpp"
#include "tenon/broker_role.hpp"
#include "tenon/route_registrar.hpp"
#include "tenon/table_gate.hpp"
#include "tenon/text.hpp"

namespace tenon::ha {
namespace {

HostAddress with_port(const HostAddress& host, std::uint16_t port) {
  const auto bytes = host.bytes();
  if (host.is_v6()) {
    std::array<std::uint8_t, 16> v6{};
    std::ranges::copy(bytes, v6.begin());
    return HostAddress::v6(v6, port);
  }
  return HostAddress::v4({bytes[0], bytes[1], bytes[2], bytes[3]}, port);
}

class HaPlugin final : public Plugin {
 public:
  explicit HaPlugin(Host& host) : host_(host) {}

  std::span<const ConfigKey> config_keys() const override { return ha_keys(); }

  void configure(const ConfigSection& section, Diagnostics& complaints) override {
    settings_ = read_ha_settings(section, complaints);
    const auto advertised = HostAddress::parse(settings_.advertise);
    if (!settings_.advertise.empty() && (!advertised || advertised->is_unspecified() || advertised->port() == 0))
      complaints.error("advertise", "expected a numeric address that slaves can dial, such as \"10.0.0.5:10912\"");
    engine_.emplace(settings_);
  }

  void wire(Services& services) override {
    const auto taps = services.find_all<LogTap>();
    if (taps.size() != 1) (void)services.require<LogTap>();  // says what is wrong
    log_ = taps.front().service;
    readable_end_ = settings_.readers_bounded ? &services.require<ReadableEnd>() : services.find<ReadableEnd>();
    for (const auto& gate : services.find_all<CommitGate>()) {
      if (gate.provider == taps.front().provider) flush_gate_ = gate.service;
    }
    identity_ = &services.require<BrokerIdentity>();
    role_ = services.find<BrokerRole>();
    registrar_ = services.find<RouteRegistrar>();
    table_gate_keeper_ = services.find<TableGateKeeper>();
    metadata_copy_ = services.find<MetadataCopy>();
    topics_ = services.find<Topics>();
    delivery_copy_ = services.find<DeliveryProgressCopy>();
    services.provide<Replication>(*engine_);
    services.provide<AdminCommand>(status_command_, "ha.status");
    services.provide<AdminCommand>(promote_command_, "ha.promote");
    services.provide<AdminCommand>(runtime_info_command_, "ha.runtime-info");
    if (settings_.synchronous) services.provide<CommitGate>(engine_->gate());
  }

  void start() override {
    HaParts parts{
        .log = log_,
        .readable_end = readable_end_,
        .flush_gate = flush_gate_,
        .logger = &host_.log(),
        .senders = host_.net_executors().empty() ? boost::asio::any_io_executor() : host_.net_executors().front(),
        .loop = [this](boost::asio::io_context& context) { host_.run_loop(context); },
        .asks_classic_masters = role_ != nullptr && metadata_copy_ != nullptr,
        .epoch_file = host_.data_dir() / "replicationEpochs",
        .divergence_file = host_.data_dir() / "lastDivergence",
        .now_ms = [this] { return host_.now_ms(); },
        .report_lagging =
            [this](std::string_view reason) {
              reason.empty() ? host_.clear_degraded("not following") : host_.report_degraded("not following", reason);
            },
        .report_held_back =
            [this](std::string_view reason) {
              constexpr std::string_view kState = "consumers wait for replicas";
              reason.empty() ? host_.clear_degraded(kState) : host_.report_degraded(kState, reason);
            },
        .report_fault = [this](std::string_view reason) { host_.report_fault(reason, false); }};
    engine_->open(std::move(parts),
                  {std::string(identity_->cluster()), std::string(identity_->broker_name()), identity_->broker_id()},
                  listen_address());
    if (settings_.synchronous && table_gate_keeper_ != nullptr)
      table_gate_keeper_->set_table_gate(engine_->table_gate());
    announce();
    take_role();
    take_metadata();
  }

  void stop() noexcept override {
    promote_command_.stop();
    if (metadata_) metadata_->stop();
    if (engine_) engine_->stop();
  }

 private:
  /// The kernel says when a master may begin, after the last start(). A slave may follow the one of its configuration.
  void take_role() {
    const bool master = role_ != nullptr ? role_->is_master() : identity_->broker_id() == 0;
    if (master && role_ != nullptr) return;
    if (master) return static_cast<void>(engine_->become_master(0).value());
    if (settings_.advertise.empty() && settings_.master == engine_->ha_address().to_string())
      refuse_itself("master", settings_.master);
    // It would be asked for its own log, which is the same, and another one's be taken for that.
    if (registrar_ != nullptr && settings_.master_broker == registrar_->advertised_address().to_string())
      refuse_itself("master_broker", settings_.master_broker);
    if (const Status slave = engine_->become_slave({}); !slave) throw Failure(slave.error());
  }

  [[noreturn]] static void refuse_itself(std::string_view key, std::string_view address) {
    throw Failure(Error(Errc::invalid_parameter, text(key, " is ", address,
                                                      ", which is this broker itself, a slave: name its "
                                                      "master, or leave it out and let the name servers say")));
  }

  void take_metadata() {
    if (role_ == nullptr) return;
    if (metadata_copy_ != nullptr) {
      MetadataSync::Parts sync{*role_,         *metadata_copy_,
                               delivery_copy_, [this] { return host_.now_ms(); },
                               host_.log(),    [this] { return engine_->follows(role_->master()); }};
      sync.copied_log = log_;
      sync.epochs = [this] { return engine_->epochs(); };
      sync.topics = topics_;
      sync.broker_id = identity_->broker_id();
      sync.held_connection = [this] { return engine_->held_connection(); };
      sync.master_broker = settings_.master_broker;
      sync.classic_only = !settings_.speaks_extended;
      sync.report_missing = [this](std::string_view reason) { host_.report_degraded("topics are missing", reason); };
      sync.report_progress = [this](std::string_view what) { show_beginning(what); };
      sync.go_on = [this](std::uint64_t connection) { engine_->go_on(connection); };
      sync.doubt_master = [this](std::string_view why) { engine_->doubt_master(why); };
      metadata_.emplace(std::move(sync));
      metadata_->start(host_.executor(ExecutorRole::sched), host_.executor(ExecutorRole::disk));
    }
    const HaCommandParts parts{identity_, role_, &*engine_, metadata_ ? &*metadata_ : nullptr,
                               [this] { return host_.health(); }};
    status_command_.wire(parts);
    promote_command_.wire(parts);
    runtime_info_command_.wire(parts);
  }

  /// Empty: it is over.
  void show_beginning(std::string_view what) {
    constexpr std::string_view kState = "becoming the master";
    if (what.empty()) return host_.clear_degraded(kState);
    host_.report_degraded(kState, what);
    host_.report_progress(what);
  }

  std::string listen_address() const {
    if (!settings_.listen.empty()) return settings_.listen;
    if (registrar_ == nullptr)
      throw Failure(Error(Errc::invalid_parameter, "listen is needed: no protocol plug-in has an address"));
    const HostAddress broker = registrar_->advertised_address();
    return with_port(broker, static_cast<std::uint16_t>(broker.port() + 1)).to_string();
  }

  void announce() {
    HostAddress address = engine_->ha_address();
    host_.log().info("listening on ", address);
    host_.announce_listener("replication", address.to_string());
    if (!settings_.advertise.empty()) {
      address = HostAddress::parse(settings_.advertise).value();
    } else if (address.is_unspecified() && registrar_ != nullptr) {
      address = with_port(registrar_->advertised_address(), address.port());
    }
    engine_->set_ha_address(address);
  }

  Host& host_;
  HaSettings settings_;
  std::optional<HaEngine> engine_;
  LogTap* log_ = nullptr;
  ReadableEnd* readable_end_ = nullptr;
  Topics* topics_ = nullptr;
  CommitGate* flush_gate_ = nullptr;
  BrokerIdentity* identity_ = nullptr;
  BrokerRole* role_ = nullptr;
  RouteRegistrar* registrar_ = nullptr;
  TableGateKeeper* table_gate_keeper_ = nullptr;
  MetadataCopy* metadata_copy_ = nullptr;
  DeliveryProgressCopy* delivery_copy_ = nullptr;
  std::optional<MetadataSync> metadata_;
  StatusCommand status_command_;
  PromoteCommand promote_command_;
  RuntimeInfoCommand runtime_info_command_;
};

}  // namespace
}  // namespace tenon::ha

TENON_PLUGIN(tenon::ha::HaPlugin, "tenon.ha", TENON_SDK_VERSION,
             "tenon.replication/2; tenon.commit-gate/1?; tenon.admin-command/1:ha.status; "
             "tenon.admin-command/1:ha.promote; tenon.admin-command/1:ha.runtime-info",
             "tenon.log-tap/2; tenon.broker-identity/1; tenon.broker-role/2?; tenon.commit-gate/1?; "
             "tenon.route-registrar/4?; tenon.metadata-copy/4?; tenon.delivery-progress-copy/1?; "
             "tenon.readable-end/1?; tenon.topics/1?; tenon.table-gate-keeper/1?")
