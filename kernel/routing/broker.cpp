// SPDX-License-Identifier: Apache-2.0
#include "routing/broker.hpp"

#include <algorithm>
#include <atomic>

#include "namesrv_link/name_server_link.hpp"
#include "routing/broker_drain.hpp"
#include "routing/broker_identity.hpp"
#include "routing/broker_statistics.hpp"
#include "routing/command_directory.hpp"
#include "routing/connected_clients.hpp"
#include "routing/consumer_filters.hpp"
#include "routing/filter_compilers.hpp"
#include "routing/group_table.hpp"
#include "routing/metadata_taker.hpp"
#include "routing/offset_table.hpp"
#include "routing/plugin_faults.hpp"
#include "routing/publisher.hpp"
#include "routing/puller.hpp"
#include "routing/queue_lock_table.hpp"
#include "routing/repeating_timer.hpp"
#include "routing/role_keeper.hpp"
#include "routing/topic_table.hpp"
#include "routing/young_queue.hpp"
#include "tenon/batch_queues.hpp"
#include "tenon/readable_end.hpp"

namespace tenon::kernel {
namespace {

constexpr std::chrono::seconds kScanPeriod{10};
constexpr std::chrono::seconds kCoverPeriod{5};
constexpr std::chrono::milliseconds kSlaveLookPeriod{100};
/// Without a master it looks for one every so many of these: after a promotion, sends may wait for this slave.
constexpr int kLooksPerSearch = 10;
constexpr std::chrono::seconds kLeavingTime{3};

void require(const Status& status) {
  if (!status) throw Failure(status.error());
}

}  // namespace

/// The parts, in the order of their dependencies; built once, taken apart the other way round.
struct Broker::Parts {
  Parts(BrokerConfig taken, Host& taken_host) : config(std::move(taken)), host(taken_host) {}

  const BrokerConfig config;
  Host& host;
  const WallClock now = [this] { return host.now_ms(); };
  MessageStore* store = nullptr;
  std::string store_name;
  ReadableEnd* readable_end = nullptr;
  bool is_replicated = false;
  RoleKeeper role{config.id, host.log()};
  ConfiguredIdentity identity{config, role, host.now_ms()};
  BrokerStatistics statistics{config.cluster, now};
  PluginFaults faults{statistics, host.log()};
  FilterCompilers compilers{faults};
  OffsetTable offsets{now, host.log()};
  TopicTable topics{config, role, now, statistics, host.log()};
  GroupTable groups{config, role, now, offsets, host.log()};
  MetadataTaker metadata{role, topics, groups, offsets};
  QueueLockTable locks{now};
  ConsumerFilters filters{compilers, now, host.log()};
  ConnectedClients clients{groups, topics, compilers, filters, now, host.log()};
  Puller puller{{config, groups, topics, clients, offsets, compilers, filters, statistics, faults, role}};
  CommandDirectory commands{faults};
  BrokerDrain broker_drain{{groups, offsets, host.log()}};
  Publisher publisher{{config, topics, groups, locks, puller, statistics, identity, role, broker_drain, faults, now}};
  NameServerLink link{config, identity, topics, role, Logger("namesrv-link")};
  RunEvery run_every;
  std::shared_ptr<void> scan_timer, offsets_timer, topics_timer, slave_timer;
  std::atomic<bool> draining{false};
  int looks = 0;  ///< Without a master, as a slave.

  RunEvery every() const { return run_every ? run_every : run_every_on(host.executor(ExecutorRole::sched)); }
  Status forget_topic(std::string_view topic, PhysicalOffset below) {
    // It may have been made again on the master, when this is tried once more.
    if (topics.find(topic) == nullptr) offsets.remove_topic(topic);
    return faults.guard(store_name, "deleting a topic", [&] { return store->delete_topic(topic, below); });
  }
  /// Shows in the health state that the store takes nothing, whatever store it is.
  void watch_store() {
    constexpr std::string_view kState = "the store refuses writes";
    if (draining) return;
    const std::string reason = store->status().refuses_writes_because;
    reason.empty() ? host.clear_degraded(kState) : host.report_degraded(kState, reason);
  }
  /// On a slave nobody tells of each message that has come.
  void look_as_slave() {
    if (role.broker_id() == 0) return;
    if (puller.anybody_waits()) puller.look_again();
    if (role.master().broker.empty() && ++looks % kLooksPerSearch == 0) link.look_for_master();
  }
  void scan() {
    watch_store();
    clients.scan();
    locks.remove_expired();
    filters.tick();
    statistics.tick();
  }
};

Broker::Broker(BrokerConfig config, Host& host, RunEvery run_every)
    : parts_(std::make_unique<Parts>(std::move(config), host)) {
  parts_->run_every = std::move(run_every);
  parts_->role.on_promoted([this] {
    parts_->publisher.inherit_log();
    parts_->link.register_all();
  });
  parts_->role.ask_before_promotion([this] { return parts_->broker_drain.check_may_lead(); });
  parts_->link.on_rival([this](const Error& rival) {
    parts_->role.fence(rival.message());
    parts_->host.report_fault(rival.message(), true);
  });
  parts_->link.other_master().on_changed([this](const std::string& address) { tell_other_master(address); });
  const auto queues_of = [this](std::string_view topic) { return parts_->topics.queue_count(topic); };
  const auto counting = [this](std::string_view name) {
    return [this, name] { parts_->statistics.count_incident(name); };
  };
  parts_->offsets.set_limits({parts_->config.consumer_offsets_max, queues_of, counting("refused.consumer-offset"),
                              parts_->config.light_queues});
  parts_->locks.set_limits({.queues_of = queues_of, .count_refusal = counting("refused.queue-lock")});
  parts_->groups.on_refused(counting("refused.group"));
  parts_->statistics.set_pulls_waiting([this] { return parts_->puller.pulls_waiting(); });
}

Broker::~Broker() = default;

void Broker::end_start_when(std::function<bool()> stop_requested) { parts_->role.end_when(std::move(stop_requested)); }

void Broker::tell_other_master(const std::string& address) {
  constexpr std::string_view kState = "another master";
  if (address.empty()) return parts_->host.clear_degraded(kState);
  parts_->host.report_degraded(kState, text(address, " is a master of ", parts_->config.name,
                                            ", too: what producers send to the one, the other ",
                                            "lacks. Stop the one with the lower epoch (tenon ha status)"));
}

bool Broker::has_store() const noexcept { return parts_->store != nullptr; }

void Broker::provide(Services& services) {
  services.provide<Topics>(parts_->topics);
  services.provide<Groups>(parts_->groups);
  services.provide<ConsumerOffsets>(parts_->offsets);
  services.provide<ConsumerOffsetChanges>(parts_->offsets);
  services.provide<ConsumerOffsetResets>(parts_->offsets);
  services.provide<ClientRegistry>(parts_->clients);
  services.provide<QueueLocks>(parts_->locks);
  services.provide<Publishing>(parts_->publisher);
  services.provide<MessageDelivery>(parts_->publisher);
  services.provide<Pulling>(parts_->puller);
  services.provide<Statistics>(parts_->statistics);
  services.provide<BrokerIdentity>(parts_->identity);
  services.provide<BrokerRole>(parts_->role);
  services.provide<AdminCommand>(parts_->broker_drain, "broker.drain");
  services.provide<AdminCommand>(parts_->link.other_master(), "broker.other-master");
  services.provide<AdminCommands>(parts_->commands);
  services.provide<MetadataCopy>(parts_->metadata);
  services.provide<FilterBitMaps>(parts_->filters);
}

void Broker::wire(Services& services) {
  Parts& parts = *parts_;
  Keyed<MessageStore> store{{}, services.find<MessageStore>(), {}};
  for (const auto& found : services.find_all<MessageStore>()) store.provider = found.provider;
  parts.store = store.service;
  parts.store_name = store.provider;
  parts.commands.wire(services.find_all<AdminCommand>());
  parts.compilers.wire(services.find_all<FilterCompiler>());
  auto* registrar = services.find<RouteRegistrar>();
  parts.identity.wire(registrar);
  parts.link.wire(registrar, services.find<RouteTable>(), parts.host.executor(ExecutorRole::disk));
  parts.role.wire(services.find<Replication>(), parts.host.executor(ExecutorRole::disk));
  parts.puller.wire(store);
  parts.publisher.wire(std::move(store), services.find_all<PublishInterceptor>(), services.find_all<CommitGate>(),
                       services.find<AppendHints>());
  parts.publisher.listeners().set(services.find_all<AppendListener>());
  parts.topics.set_owners(services.find_all<SystemTopic>());
  if (auto* rules = services.find<TagsCodeRules>()) {
    for (const auto& rule : services.find_all<TagsCodeRule>()) rules->set_rule(rule.key, *rule.service);
  }
  if (auto* keeper = services.find<FilterBitMapKeeper>()) keeper->set_filter_bit_maps(parts.filters);
  if (!parts.store) return;
  parts.readable_end = services.find<ReadableEnd>();
  parts.is_replicated = services.find<Replication>() != nullptr;
  if (parts.readable_end != nullptr) {
    parts.publisher.hold_back(*parts.readable_end, parts.host.executor(ExecutorRole::disk));
  }
  parts.topics.set_announcer(&parts.link);
  parts.broker_drain.wire(
      parts.readable_end != nullptr ? &parts.readable_end->whole_log() : parts.store,
      [&parts](bool writable) { parts.link.register_writable(writable); },
      [&parts] { parts.link.drain(std::chrono::steady_clock::now() + kLeavingTime); });
  parts.topics.on_removed(
      [&parts](std::string_view topic, PhysicalOffset below) { return parts.forget_topic(topic, below); });
  if (auto* batches = services.find<BatchQueues>())
    parts.topics.on_batch_topic([batches](std::string_view topic) { return batches->keep_batches(topic); });
  parts.offsets.set_young_queue_rule(
      [store = parts.store, memory = machine_memory_bytes()](std::string_view topic, std::int32_t queue_id) {
        return is_young_queue(*store, topic, queue_id, memory);
      });
}

void Broker::load() {
  if (!has_store()) return;
  Parts& parts = *parts_;
  const std::filesystem::path directory = parts.host.data_dir() / "config";
  const auto disk = parts.host.executor(ExecutorRole::disk);
  require(parts.role.load(directory / "promoted"));
  // Nobody begins as the master before start(), which asks whether another broker has become it meanwhile.
  if (parts.role.is_master_since_start()) parts.role.rest();
  require(parts.topics.load(directory, disk));
  require(parts.groups.load(directory, disk));
  require(parts.offsets.load(directory, disk));
  require(parts.filters.load(directory, disk));
  parts.puller.start_timer(parts.host.executor(ExecutorRole::sched));
  parts.puller.read_cold_on(disk);
}

void Broker::start() {
  if (!has_store()) return;
  Parts& parts = *parts_;
  // Nobody would move the end that a replicated broker has left in this store.
  if (parts.readable_end != nullptr && !parts.is_replicated)
    require(parts.readable_end->set_readable_end(ReadableEnd::kUnbounded));
  require(parts.topics.prepare_batch_topics());
  if (parts.role.is_master_since_start()) {
    require(parts.link.check_no_rival());
    require(parts.role.begin());
    parts.publisher.inherit_log();
  }
  const RunEvery every = parts.every();
  if (!parts.role.is_master()) parts.slave_timer = every(kSlaveLookPeriod, [&parts] { parts.look_as_slave(); });
  parts.scan_timer = every(kScanPeriod, [&parts] { parts.scan(); });
  parts.offsets_timer =
      every(parts.config.flush_consumer_offset_interval, [&parts] { parts.offsets.persist_if_changed(); });
  parts.topics_timer = every(kCoverPeriod, [&parts] { parts.topics.persist_if_it_covers_more(); });
}

void Broker::serve() {
  if (has_store()) parts_->link.start(parts_->every());
}

void Broker::drain(std::chrono::steady_clock::time_point deadline) {
  Parts& parts = *parts_;
  parts.draining = true;
  parts.role.end_promotions();
  parts.link.drain(deadline);
  parts.publisher.drain();
  parts.puller.drain();
}

void Broker::stop() noexcept {
  Parts& parts = *parts_;
  parts.scan_timer.reset();
  parts.slave_timer.reset();
  parts.offsets_timer.reset();
  parts.topics_timer.reset();
  parts.topics.stop();
  parts.groups.stop();
  parts.offsets.stop();
  parts.filters.stop();
}

}  // namespace tenon::kernel
