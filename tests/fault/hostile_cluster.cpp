// SPDX-License-Identifier: Apache-2.0
#include "hostile_cluster.hpp"

#include <algorithm>
#include <csignal>
#include <cstdio>

#include "fastjson/reader.hpp"
#include "protocol-native/testing/raw_client.hpp"
#include "tenon/text.hpp"

namespace tenon::fault {

void Member::lead_links_to_process() {
  replication.set_target(process->replication_address());
  peers.set_target(process->address());
  clients.set_target(process->address());
  ++starts;
}

void Member::kill() {
  if (!process->has_ended()) is_killed = process->end(SIGKILL) == 128 + SIGKILL;
  is_stopped = false;
}

void Member::stop() {
  process->signal(SIGSTOP);
  is_stopped = true;
}

void Member::go_on() {
  if (std::exchange(is_stopped, false)) process->signal(SIGCONT);
}

HostileCluster::HostileCluster(const ClusterSettings& settings) : etcd_(settings.etcd) {
  for (int id = 1; id <= settings.brokers; ++id) start_member(settings, id);
}

void HostileCluster::start_member(const ClusterSettings& settings, int id) {
  auto member = std::make_unique<Member>();
  const std::string etcd = etcd_.address();
  member->to_etcd.set_target(HostAddress::parse(etcd).value());
  member->to_names.set_target(name_server_.address());
  std::vector<std::string> words{
      text("plugins.election-etcd.endpoints=", member->to_etcd.address()),
      text("plugins.election-etcd.lease_ttl=", kLeaseTtl.count(), "s"),
      text("plugins.election-etcd.members=", settings.brokers),
      text("plugins.ha.advertise=", member->replication.address()),
      text("plugins.native.advertise=", member->peers.address()),
      "plugins.ha.slave_timeout=1s",
      "plugins.store.index=false",
      // Small, so that a cycle of some thousand messages needs new files: a full disk is noticed.
      "plugins.store.commit_log_file_size=128KiB",
      "plugins.store.max_message_size=64KiB",
      "plugins.store.consume_queue_file_entries=500",
  };
  if (settings.synchronous) {
    words.insert(words.end(), {"plugins.ha.replication=sync", "plugins.ha.in_sync_replicas=2"});
  } else {
    words.emplace_back("plugins.election-etcd.allow_loss=true");
  }
  if (id == settings.brokers && !settings.small_disk.empty()) {
    words.insert(words.end(),
                 {"broker.data_dir=" + settings.small_disk.string(), "plugins.store.disk_max_used_ratio=0.99",
                  "plugins.store.disk_clean_forcibly_ratio=0.995", "plugins.store.disk_warning_ratio=0.999",
                  "plugins.store.clean_file_forcibly=false"});
  }
  member->process = std::make_unique<e2e::BrokerProcess>(e2e::replicated_broker(member->to_names.address(), id, words));
  member->lead_links_to_process();
  members_.push_back(std::move(member));
}

std::int64_t HostileCluster::epoch_of(std::size_t index) const {
  return e2e::ha_status(members_[index]->process->address()).i64_or("epoch", 0);
}

std::optional<std::size_t> HostileCluster::find_master() {
  std::optional<std::size_t> found;
  std::int64_t epoch = -1;
  for (std::size_t index = 0; index < members_.size(); ++index) {
    if (members_[index]->is_stopped || members_[index]->process->has_ended()) continue;
    const auto status = e2e::ha_status(members_[index]->process->address());
    if (!status.bool_or("isMaster", false) || status.i64_or("epoch", 0) <= epoch) continue;
    epoch = status.i64_or("epoch", 0);
    found = index;
  }
  return found;
}

bool HostileCluster::is_in_sync() {
  const auto master = find_master();
  if (!master) return false;
  const auto status = e2e::ha_status(members_[*master]->process->address());
  const fastjson::Value* replicas = status.find("replicas");
  if (replicas == nullptr || replicas->elements().size() + 1 < size()) return false;
  for (std::size_t index = 0; index < size(); ++index) {
    if (index != *master && !e2e::has_everything(members_[index]->process->address())) return false;
  }
  return true;
}

bool HostileCluster::is_in_route() {
  const auto master = find_master();
  if (!master) return false;
  protocol_native::RawClient client(name_server_.address());
  const auto answer = client.call(remoting::RequestCode::get_broker_cluster_info, {});
  const auto info = fastjson::parse(answer.body);
  if (answer.code != 0 || !info) return false;
  const fastjson::Value* brokers = info->find("brokerAddrTable");
  const fastjson::Value* broker = brokers == nullptr ? nullptr : brokers->find("broker-a");
  const fastjson::Value* addresses = broker == nullptr ? nullptr : broker->find("brokerAddrs");
  if (addresses == nullptr || addresses->members().size() != size()) return false;
  return std::ranges::all_of(addresses->members(), [&](const fastjson::Member& entry) {
    const auto id = static_cast<std::size_t>(entry.key.as_i32().value_or(-1));
    const std::size_t index = id == 0 ? *master : id - 1;
    return index < size() && entry.value.as_text() == members_[index]->peers.address().to_string();
  });
}

void HostileCluster::note(std::string wrong_end) {
  if (wrong_end_.empty()) wrong_end_ = std::move(wrong_end);
}

void HostileCluster::note_end(Member& member) {
  if (std::exchange(member.is_killed, false)) return;
  note(e2e::wrong_end(*member.process, member.came_up ? e2e::MayFailToStart::no : e2e::MayFailToStart::yes));
}

void HostileCluster::supervise() {
  if (name_server_lives_ && name_server_.has_ended()) {
    note(e2e::wrong_end(name_server_));
    name_server_lives_ = false;
  }
  for (const auto& member : members_) {
    if (!member->process->has_ended()) continue;
    note_end(*member);
    member->came_up = false;
    try {
      member->process->start_again();
      member->came_up = true;
      member->lead_links_to_process();
    } catch (const std::exception& failure) {
      why_not_up_ = failure.what();
    }
  }
}

void HostileCluster::kill_etcd() {
  etcd_.kill();
  etcd_lives_ = false;
}

void HostileCluster::kill_name_server() {
  supervise();  // how it ended, if it has
  if (std::exchange(name_server_lives_, false) && name_server_.end(SIGKILL) != 128 + SIGKILL)
    note(e2e::wrong_end(name_server_));
}

void HostileCluster::heal() {
  if (!std::exchange(etcd_lives_, true)) etcd_.start_again();
  if (!std::exchange(name_server_lives_, true)) {
    name_server_.start_again();
    for (const auto& member : members_) member->to_names.set_target(name_server_.address());
  }
  for (const auto& member : members_) {
    for (FaultyProxy* link :
         {&member->to_etcd, &member->to_names, &member->replication, &member->peers, &member->clients})
      link->heal();
    member->go_on();
  }
  supervise();
}

void HostileCluster::keep(const std::string& label) const {
  for (const auto& member : members_) {
    const std::string kept = text(label, "-", member->process->pid());
    std::filesystem::copy(member->process->directory(), kept, std::filesystem::copy_options::recursive);
    std::fprintf(stderr, "kept %s\n", kept.c_str());
  }
}

}  // namespace tenon::fault
