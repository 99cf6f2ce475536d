// SPDX-License-Identifier: Apache-2.0
#include "simulated_cluster.hpp"

#include <algorithm>

#include "replication/own_epochs.hpp"
#include "tenon/text.hpp"

namespace tenon::fault {
namespace {

using namespace std::chrono_literals;
using replication::testing::bytes_of;

constexpr std::size_t kUnderWayMax = 5'000;
constexpr std::size_t kCompareBytes = 4'096;
constexpr int kNervousSteps = 20;
constexpr std::size_t kLinksOfOneSlaveMax = 3;

replication::Identity identity(std::size_t index) { return {"c", "b", static_cast<std::int64_t>(index) + 1}; }

}  // namespace

SimulatedBroker::SimulatedBroker(SimulatedCluster& of, std::size_t at)
    : cluster(of),
      index(at),
      slave_settings{.identity = identity(at), .knows_flushed = of.shape_.power_cuts},
      keys(of.etcd_) {
  log.append('s');  // one begin of all logs
  log.flush(log.log_max());
}

Instant SimulatedBroker::now() const { return stands_still.value_or(cluster.etcd_.now) - behind; }

election_etcd::Position SimulatedBroker::position() const {
  return {epochs.history().last().number, log.log_max().value};
}

void SimulatedBroker::start() {
  runs = true;
  // As the product does: nobody is followed before etcd has said who is the master.
  slave_settings.epoch_min = INT64_MAX;
  if (cluster.shape_.forgets_lost_epochs) replication::forget_lost_epochs(log, epochs).value();
  const election_etcd::ElectionSettings settings{static_cast<std::int64_t>(index) + 1,
                                                 static_cast<std::int64_t>(cluster.shape_.members),
                                                 cluster.shape_.copies, cluster.etcd_.ttl};
  election.emplace(settings, keys, *this, [this] { return now(); });
  ticks_at = {};
}

void SimulatedBroker::end(PhysicalOffset survives) {
  hang_up();
  for (const auto& slave : slaves) slave->master = nullptr;
  slaves.clear();
  runs = is_master = false;
  held = {};
  begins_at.reset();
  log.restart(survives);
}

void SimulatedBroker::hang_up() {
  if (link) link->slave = nullptr;
  link = nullptr;
}

void SimulatedBroker::require_epoch(std::int64_t epoch_min) {
  if (std::exchange(slave_settings.epoch_min, epoch_min) == epoch_min || !link) return;
  if (link->slave && !link->slave->follows_required_epoch()) hang_up();
}

std::optional<Status> SimulatedBroker::promote(std::int64_t epoch_min) {
  hang_up();
  if (!begins_at) begins_at = now() + cluster.time_to_begin();
  if (now() < *begins_at) return std::nullopt;
  begins_at.reset();
  const auto begun = replication::begin_own_epoch(log, epochs, epoch_min);
  if (!begun) return Status(begun.error());
  is_master = true;
  noted = log.log_max();
  cluster.promoted(*this);
  return Status();
}

void SimulatedBroker::give_up(std::string_view) { end(log.log_max()); }

SimulatedCluster::SimulatedCluster(std::uint64_t seed, const SimulatedShape& shape) : shape_(shape), random_(seed) {
  etcd_.ttl = 3s;
  etcd_.takes_notes =
      random(2) == 0 && !shape.first_loses_power;  // they come late: nothing but an empty disk may depend on them
  master_settings_.identity = {"c", "b", 0};
  master_settings_.batch_bytes = 200;
  if (shape.power_cuts) master_settings_.acknowledge = replication::Acknowledge::flushed;
  for (std::size_t index = 0; index < shape.members; ++index) {
    brokers_.push_back(std::make_unique<SimulatedBroker>(*this, index));
    brokers_.back()->start();
  }
}

std::string SimulatedCluster::run(int steps) {
  for (int step = 0; step < steps && complaint_.empty(); ++step) {
    pass_time(100);
    // What is lost is lost around elections.
    if (random(nervous_ > 0 ? 4 : 15) == 0) break_something();
    nervous_ = std::max(nervous_ - 1, 0);
    if (random(15) == 0) heal(any());
    tick_elections();
    if (shape_.first_loses_power) lose_power_of_first();
    for (int turn = 0; turn < 4; ++turn) work(any());
  }
  if (complaint_.empty()) calm_down();
  return complaint_;
}

void SimulatedCluster::pass_time(std::uint64_t ms_max) {
  etcd_.now += std::chrono::milliseconds(random(ms_max));
  etcd_.expire();
}

void SimulatedCluster::tick_elections() {
  for (const auto& one : brokers_) {
    if (!one->runs || one->stands_still || one->now() < one->ticks_at) continue;
    one->ticks_at = one->now() + one->election->tick();
  }
}

void SimulatedCluster::break_something() {
  SimulatedBroker& one = any();
  switch (random(10)) {
    case 0:
      if (one.runs) one.end(one.log.log_max());  // kill -9
      one.stays_down = random(3) == 0;
      return;
    case 1:
      if (shape_.power_cuts) lose_power(one);
      return;
    case 2:
      if (!shape_.power_cuts || random(2) > 0) return;
      for (const auto& each : brokers_) {
        if (random(4) > 0) lose_power(*each);
      }
      return;
    case 3:
      one.keys.reachable = false;
      return;
    case 4:
      one.keys.loses_answers = true;
      return;
    case 5:
      one.hang_up();
      return;
    case 6:
      stop_the_clock(random(3) > 0 && etcd_.leader ? broker(etcd_.leader->first) : one);
      return;
    case 7:
    case 8:
      one.slow_disk = true;
      return;
    default:
      for (const auto& slave : one.slaves) slave->dead = random(2) == 0;  // says nothing more until it is made anew
  }
}

/// Its election rests, and whoever asks for the time is told that none has passed.
void SimulatedCluster::stop_the_clock(SimulatedBroker& one) {
  if (one.runs && !one.stands_still) one.stands_still = etcd_.now;
}

/// A clock that stood still stays behind. Mostly for longer than a lease.
void SimulatedCluster::heal(SimulatedBroker& one) {
  if (one.stands_still && (calm_ || random(4) == 0))
    one.behind += etcd_.now - *std::exchange(one.stands_still, std::nullopt);
  one.keys.reachable = true;
  one.keys.loses_answers = one.slow_disk = false;
}

void SimulatedCluster::lose_power_of_first() {
  SimulatedBroker& first = *brokers_.front();
  first.slow_disk = true;
  if (first.is_master) lose_power(first);
}

/// What was not flushed survives up to anywhere.
void SimulatedCluster::lose_power(SimulatedBroker& one) {
  const std::int64_t at_risk = (one.log.log_max() - one.log.flushed()) / MemoryLog::kRecord;
  const auto kept = static_cast<std::int64_t>(random(static_cast<std::uint64_t>(at_risk) + 1));
  if (at_risk > 0) ++power_cuts_;
  one.end(one.log.flushed() + kept * MemoryLog::kRecord);
}

void SimulatedCluster::work(SimulatedBroker& one) {
  if (!one.runs) {
    if (random(one.stays_down ? 200 : 10) == 0) one.start();
    return;
  }
  if (random(one.slow_disk ? 100 : 4) == 0) finish_flush(one);
  if (one.is_master) return append(one);
  if (!one.link) connect(one);
  if (!one.link) return;
  const auto link = one.link;
  for (const auto& master : brokers_) {
    const std::deque<std::shared_ptr<SimulatedLink>> links = master->slaves;
    for (const auto& each : links) {
      if (each->slave_index == one.index) carry(*master, *each, 1 + random(400));
    }
  }
  if (!link->master && one.link == link) {
    carry_down(*link, 1 + random(400));
    if (link->down.empty()) one.hang_up();
  }
}

void SimulatedCluster::append(SimulatedBroker& master) {
  for (std::uint64_t count = random(4); count > 0; --count) master.log.append(static_cast<char>('a' + random(26)));
  acknowledge(master);
}

/// Sometimes a slave has not heard of an election, and goes to whoever still believes to be the master.
void SimulatedCluster::connect(SimulatedBroker& slave) {
  SimulatedBroker* master = &any();
  if (etcd_.leader && random(4) > 0) master = &broker(etcd_.leader->first);
  if (master == &slave || !master->is_master) return;
  auto link = std::make_shared<SimulatedLink>();
  link->slave_index = slave.index;
  link->master =
      std::make_unique<MasterSession>(master->log, master->epochs.history(), master_settings_, session_time());
  link->slave = std::make_unique<SlaveSession>(slave.log, slave.epochs, slave.slave_settings, session_time());
  slave.link = link;
  master->slaves.push_back(link);
  if (std::ranges::count(master->slaves, slave.index, [](const auto& one) { return one->slave_index; }) >
      static_cast<std::ptrdiff_t>(kLinksOfOneSlaveMax)) {
    master->slaves.erase(
        std::ranges::find(master->slaves, slave.index, [](const auto& one) { return one->slave_index; }));
  }
}

/// What has come is delivered, up to so many bytes each way.
void SimulatedCluster::carry(SimulatedBroker& master, SimulatedLink& link, std::size_t bytes) {
  if (link.dead) return;
  carry_up(master, link, bytes);
  if (link.master && link.down.size() < kUnderWayMax) {
    const auto more = replication::testing::everything(*link.master, master.log.confirm_offset(), session_time());
    more ? void(link.down += *more) : break_off(link, more.error());
  }
  carry_down(link, bytes);
  if (link.slave) check_follows(master, link);
}

void SimulatedCluster::carry_up(SimulatedBroker& master, SimulatedLink& link, std::size_t bytes) {
  if (link.slave) link.up += link.slave->take_output();
  const std::string up = link.up.substr(0, bytes);
  link.up.erase(0, up.size());
  if (!link.master) return;
  const Status heard = link.master->receive(bytes_of(up), session_time());
  if (!heard) break_off(link, heard.error());
  if (heard) acknowledge(master);
}

void SimulatedCluster::carry_down(SimulatedLink& link, std::size_t bytes) {
  if (!link.slave) return;
  SimulatedBroker& slave = *brokers_[link.slave_index];
  const std::string down = link.down.substr(0, bytes);
  link.down.erase(0, down.size());
  const Status fed = replication::testing::feed(*link.slave, down, session_time());
  if (!fed) return break_off(link, fed.error());
  const PhysicalOffset end = slave.log.log_max();
  if (link.slave->transferring() && link.slave->acknowledges_flushed() && !link.flush_asked && end > link.flushed)
    link.flush_asked = end;
}

void SimulatedCluster::break_off(SimulatedLink& link, const Error& why) {
  SimulatedBroker& slave = *brokers_[link.slave_index];
  slave.last_error = why.message();
  link.slave = nullptr;
  link.master = nullptr;
  if (slave.link.get() == &link) slave.link = nullptr;
  for (const auto& master : brokers_) {
    std::erase_if(master->slaves, [&](const auto& one) { return one.get() == &link; });
  }
}

/// Of a broker's own, and of what its master waits for.
void SimulatedCluster::finish_flush(SimulatedBroker& one) {
  if (!one.link || !one.link->slave) return one.log.flush(one.log.log_max());
  const auto end = std::exchange(one.link->flush_asked, std::nullopt);
  if (!end) return;
  one.log.flush(*end);
  one.link->flushed = *end;
  one.link->slave->flushed(*end);
}

/// Up to where enough brokers have the log, by what the slaves have said; as ReplicaServer counts.
PhysicalOffset SimulatedCluster::count_copies(SimulatedBroker& master) const {
  std::vector<replication::ReplicaProgress> progress;
  const std::vector<std::string> names{"1", "2", "3", "4"};
  for (const auto& one : master.slaves) {
    if (one->master && one->master->transferring())
      progress.push_back({names[one->slave_index], one->master->acknowledged()});
  }
  return replication::confirmed_by(progress, shape_.copies - 1);
}

void SimulatedCluster::acknowledge(SimulatedBroker& master) {
  if (!master.is_master) return;
  const PhysicalOffset copied = count_copies(master);
  if (copied > master.log.confirm_offset()) master.log.set_confirm_offset(copied);
  if (!master.acknowledges()) return;
  const PhysicalOffset end = shape_.power_cuts ? std::min(copied, master.log.flushed()) : copied;
  const std::int64_t epoch = master.epochs.history().last().number;
  while (master.noted + MemoryLog::kRecord <= end) {
    master.noted += MemoryLog::kRecord;
    const Acknowledged one{record_before(master, master.noted), epoch};
    if (const auto [known, added] = acknowledged_.emplace(master.noted, one);
        !added && known->second.record != one.record)
      complain(text("two messages were acknowledged for physical offset ", master.noted));
    if (masters_.emplace(epoch, master.index).first->second != master.index)
      complain(text("two masters acknowledged for epoch ", epoch));
  }
}

/// Now and then for some leases.
std::chrono::milliseconds SimulatedCluster::time_to_begin() {
  return random(4) > 0 ? 0ms : std::chrono::milliseconds(random(10'000));
}

void SimulatedCluster::promoted(SimulatedBroker& master) {
  ++promotions_;
  nervous_ = kNervousSteps;
  check_has_acknowledged(master, "when it was elected");
}

std::string SimulatedCluster::record_before(const SimulatedBroker& broker, PhysicalOffset end) const {
  const auto begin = static_cast<std::size_t>(end - broker.log.log_min() - MemoryLog::kRecord);
  return broker.log.bytes().substr(begin, MemoryLog::kRecord);
}

void SimulatedCluster::check_has_acknowledged(const SimulatedBroker& broker, std::string_view when) {
  for (const auto& [end, one] : acknowledged_) {
    if (end <= broker.log.log_max() && record_before(broker, end) == one.record) continue;
    return complain(text("broker ", broker.index + 1, " lacks ", when, " what was acknowledged up to ", end,
                         " in epoch ", one.epoch));
  }
}

/// A slave that was let in has nothing that its master has not.
void SimulatedCluster::check_follows(const SimulatedBroker& master, const SimulatedLink& link) {
  if (!link.slave->let_in()) return;
  const std::string_view own = brokers_[link.slave_index]->log.bytes(), theirs = master.log.bytes();
  // Of what was compared before only the end, but now and then.
  const std::size_t begin = ++comparisons_ % 32 == 0 ? 0 : own.size() - std::min(own.size(), kCompareBytes);
  if (own.size() <= theirs.size() && theirs.substr(begin, own.size() - begin) == own.substr(begin)) return;
  complain(text("the log of broker ", link.slave_index + 1, " is another one than that of its master"));
}

/// With a good network and all of them there a master is elected, and everybody has what it has.
void SimulatedCluster::calm_down() {
  calm_ = true;
  for (const auto& one : brokers_) {
    heal(*one);
    one->hang_up();
    if (!one->runs) one->start();
  }
  const auto all_are_equal = [this] {
    return std::ranges::all_of(brokers_, [this](const auto& one) {
      return one->log.bytes() == brokers_.front()->log.bytes() && (one->is_master || (one->link && one->link->slave));
    });
  };
  const Instant patience = etcd_.now + 20min;
  do {
    pass_time(250);
    tick_elections();
    for (int turn = 0; turn < 8; ++turn) work(any());
    if (!complaint_.empty()) return;
  } while (!all_are_equal() && etcd_.now < patience);
  if (!all_are_equal()) {
    complain("the brokers do not come together again");
    for (const auto& one : brokers_) complaint_ += text("; ", one->last_error, ", ", one->election->waits_for());
  }
  for (const auto& one : brokers_) check_has_acknowledged(*one, "at the end");
}

}  // namespace tenon::fault
