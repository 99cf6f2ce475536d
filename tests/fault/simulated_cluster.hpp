// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <deque>
#include <map>
#include <memory>
#include <optional>
#include <random>
#include <string>
#include <vector>

#include "election-etcd/testing/fake_etcd.hpp"
#include "replication/confirmation.hpp"
#include "replication/testing/pair.hpp"

/// Brokers of one name under an election, in one thread and from a seed: the sessions, the epochs, the confirmation and
/// the election are those of the product; the network, the disks, the clocks and etcd are not.
namespace tenon::fault {

using election_etcd::testing::FakeEtcd;
using election_etcd::testing::FakeKeys;
using replication::MasterSession;
using replication::SlaveSession;
using replication::testing::MemoryLog;
using Instant = election_etcd::testing::TimePoint;

struct SimulatedShape {
  std::size_t members = 3;
  std::int32_t copies = 2;
  /// The power of single brokers and of all at once goes; acknowledgements say "flushed" then. Else processes are
  /// killed and what they wrote stays.
  bool power_cuts = false;
  /// The disk of the first broker is hardly ever done, and its power goes as soon as it is elected. No notes in etcd.
  bool first_loses_power = false;
  /// Of the rules of the product, for proofs that the simulation sees what they prevent.
  bool forgets_lost_epochs = true;
};

/// One connection, at its master. Either end may be gone; what is under way then is still delivered.
struct SimulatedLink {
  std::size_t slave_index = 0;
  std::unique_ptr<MasterSession> master;
  std::unique_ptr<SlaveSession> slave;
  std::string up, down;
  bool dead = false;
  std::optional<PhysicalOffset> flush_asked;
  PhysicalOffset flushed;
};

class SimulatedCluster;

class SimulatedBroker final : public election_etcd::Candidate {
 public:
  SimulatedBroker(SimulatedCluster& cluster, std::size_t index);

  election_etcd::Position position() const override;
  std::int64_t confirmed() const override { return log.confirm_offset().value; }
  bool drained() const override { return false; }
  std::int64_t now_ms() const override { return 0; }
  std::optional<Status> promote(std::int64_t epoch_min) override;
  void hold_until(Instant end) override { held = end; }
  void require_epoch(std::int64_t epoch_min) override;
  void give_up(std::string_view reason) override;

  /// As this broker's clock says.
  Instant now() const;
  bool acknowledges() const { return is_master && held > now(); }
  void start();
  /// Whatever `survives` of the log. The process is gone.
  void end(PhysicalOffset survives);
  void hang_up();

  SimulatedCluster& cluster;
  const std::size_t index;
  MemoryLog log;
  replication::testing::MemoryEpochs epochs;
  replication::SlaveSettings slave_settings;
  FakeKeys keys;
  std::optional<election_etcd::Election> election;
  bool runs = false, is_master = false, slow_disk = false, stays_down = false;
  Instant held{}, ticks_at{};
  std::optional<Instant> begins_at;     ///< It was elected, and is the master then.
  std::optional<Instant> stands_still;  ///< Since then.
  std::chrono::nanoseconds behind{0};
  std::shared_ptr<SimulatedLink> link;                ///< To the master that it follows.
  std::deque<std::shared_ptr<SimulatedLink>> slaves;  ///< As master; the oldest first.
  PhysicalOffset noted;                               ///< As master: up to where its acknowledgements were looked at.
  std::string last_error;
};

class SimulatedCluster {
 public:
  SimulatedCluster(std::uint64_t seed, const SimulatedShape& shape);

  /// The first complaint; empty when all of it held.
  std::string run(int steps);
  int promotions() const { return promotions_; }
  std::size_t acknowledged() const { return acknowledged_.size(); }
  int power_cuts() const { return power_cuts_; }

 private:
  friend class SimulatedBroker;

  std::uint64_t random(std::uint64_t below) { return random_() % below; }
  SimulatedBroker& broker(std::int64_t id) { return *brokers_[static_cast<std::size_t>(id - 1)]; }
  SimulatedBroker& any() { return *brokers_[random(brokers_.size())]; }
  replication::testing::Time session_time() const {
    return replication::testing::Time(
        std::chrono::duration_cast<replication::testing::Time::duration>(etcd_.now.time_since_epoch()));
  }
  void complain(std::string what) {
    if (complaint_.empty()) complaint_ = std::move(what);
  }

  void pass_time(std::uint64_t ms_max);
  void tick_elections();
  void break_something();
  void stop_the_clock(SimulatedBroker& one);
  void heal(SimulatedBroker& one);
  void lose_power_of_first();
  void lose_power(SimulatedBroker& one);
  void work(SimulatedBroker& one);
  void append(SimulatedBroker& master);
  void connect(SimulatedBroker& slave);
  void carry(SimulatedBroker& master, SimulatedLink& link, std::size_t bytes);
  void carry_up(SimulatedBroker& master, SimulatedLink& link, std::size_t bytes);
  void carry_down(SimulatedLink& link, std::size_t bytes);
  void break_off(SimulatedLink& link, const Error& why);
  void finish_flush(SimulatedBroker& slave);
  PhysicalOffset count_copies(SimulatedBroker& master) const;
  void acknowledge(SimulatedBroker& master);
  void promoted(SimulatedBroker& master);
  std::chrono::milliseconds time_to_begin();
  void calm_down();

  std::string record_before(const SimulatedBroker& broker, PhysicalOffset end) const;
  void check_has_acknowledged(const SimulatedBroker& broker, std::string_view when);
  void check_follows(const SimulatedBroker& master, const SimulatedLink& link);

  const SimulatedShape shape_;
  std::mt19937_64 random_;
  FakeEtcd etcd_;
  replication::MasterSettings master_settings_;
  std::vector<std::unique_ptr<SimulatedBroker>> brokers_;
  bool calm_ = false;
  std::size_t comparisons_ = 0;
  int promotions_ = 0, power_cuts_ = 0, nervous_ = 0;
  struct Acknowledged {
    std::string record;
    std::int64_t epoch = 0;
  };
  std::map<PhysicalOffset, Acknowledged> acknowledged_;  ///< Records by where they end.
  std::map<std::int64_t, std::size_t> masters_;          ///< Who acknowledged for an epoch.
  std::string complaint_;
};

}  // namespace tenon::fault
