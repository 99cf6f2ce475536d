// SPDX-License-Identifier: Apache-2.0
#include "routing/broker.hpp"

#include <algorithm>

#include "namesrv_link/name_server_link.hpp"
#include "routing/broker_identity.hpp"
#include "routing/broker_statistics.hpp"
#include "routing/connected_clients.hpp"
#include "routing/filter_compilers.hpp"
#include "routing/group_table.hpp"
#include "routing/offset_table.hpp"
#include "routing/publisher.hpp"
#include "routing/puller.hpp"
#include "routing/queue_lock_table.hpp"
#include "routing/repeating_timer.hpp"
#include "routing/topic_table.hpp"
#include "routing/young_queue.hpp"

namespace tenon::kernel {
namespace {

constexpr std::chrono::seconds kScanPeriod{10};

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
  FilterCompilers compilers;
  ConfiguredIdentity identity{config, host.now_ms()};
  BrokerStatistics statistics{config.cluster, now};
  OffsetTable offsets{now, host.log()};
  TopicTable topics{config, now, statistics, host.log()};
  GroupTable groups{config, now, offsets, host.log()};
  QueueLockTable locks{now};
  ConnectedClients clients{groups, topics, compilers, now, host.log()};
  Puller puller{{config, groups, topics, clients, offsets, compilers, statistics}};
  Publisher publisher{{config, topics, groups, locks, puller, statistics, identity, now}};
  NameServerLink link{config, identity, topics, Logger("namesrv-link")};
  std::unique_ptr<RepeatingTimer> scan_timer, offsets_timer;

  Status forget_topic(std::string_view topic) {
    offsets.remove_topic(topic);
    return store->delete_topic(topic);
  }
  void scan() {
    clients.scan();
    locks.remove_expired();
    statistics.tick();
  }
};

Broker::Broker(BrokerConfig config, Host& host) : parts_(std::make_unique<Parts>(std::move(config), host)) {
  parts_->statistics.set_pulls_waiting([this] { return parts_->puller.pulls_waiting(); });
}

Broker::~Broker() = default;

bool Broker::has_store() const noexcept { return parts_->store != nullptr; }

void Broker::provide(Services& services) {
  services.provide<Topics>(parts_->topics);
  services.provide<Groups>(parts_->groups);
  services.provide<ConsumerOffsets>(parts_->offsets);
  services.provide<ClientRegistry>(parts_->clients);
  services.provide<QueueLocks>(parts_->locks);
  services.provide<Publishing>(parts_->publisher);
  services.provide<Pulling>(parts_->puller);
  services.provide<Statistics>(parts_->statistics);
  services.provide<BrokerIdentity>(parts_->identity);
}

void Broker::wire(Services& services) {
  Parts& parts = *parts_;
  parts.store = services.find<MessageStore>();
  parts.compilers.wire(services.find_all<FilterCompiler>());
  std::vector<PublishInterceptor*> interceptors;
  auto found = services.find_all<PublishInterceptor>();
  std::ranges::stable_sort(found, [](const auto& a, const auto& b) {
    return std::pair(a.service->order(), std::string_view(a.key)) <
           std::pair(b.service->order(), std::string_view(b.key));
  });
  for (const auto& interceptor : found) interceptors.push_back(interceptor.service);
  std::vector<CommitGate*> gates;
  for (const auto& gate : services.find_all<CommitGate>()) gates.push_back(gate.service);
  auto* registrar = services.find<RouteRegistrar>();
  parts.identity.wire(registrar);
  parts.link.wire(registrar, services.find<RouteTable>());
  parts.puller.wire(parts.store);
  parts.publisher.wire(parts.store, std::move(interceptors), std::move(gates));
  if (!parts.store) return;
  parts.topics.set_announcer(&parts.link);
  parts.topics.on_removed([&parts](std::string_view topic) { return parts.forget_topic(topic); });
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
  require(parts.topics.load(directory, disk));
  require(parts.groups.load(directory, disk));
  require(parts.offsets.load(directory, disk));
  // Held pulls need their timer as soon as a listener opens, and that is before start().
  parts.puller.start_timer(parts.host.executor(ExecutorRole::sched));
}

void Broker::start() {
  if (!has_store()) return;
  Parts& parts = *parts_;
  const auto sched = parts.host.executor(ExecutorRole::sched);
  parts.link.start(sched);
  parts.scan_timer = std::make_unique<RepeatingTimer>(sched, kScanPeriod, [&parts] { parts.scan(); });
  parts.scan_timer->start();
  parts.offsets_timer = std::make_unique<RepeatingTimer>(sched, parts.config.flush_consumer_offset_interval,
                                                         [&parts] { parts.offsets.persist_if_changed(); });
  parts.offsets_timer->start();
}

void Broker::drain(std::chrono::steady_clock::time_point deadline) {
  Parts& parts = *parts_;
  parts.link.drain(deadline);
  parts.publisher.drain();
  parts.puller.drain();
}

void Broker::stop() noexcept {
  Parts& parts = *parts_;
  parts.scan_timer.reset();
  parts.offsets_timer.reset();
  parts.topics.stop();
  parts.groups.stop();
  parts.offsets.stop();
}

}  // namespace tenon::kernel
