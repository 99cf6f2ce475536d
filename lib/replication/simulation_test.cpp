// SPDX-License-Identifier: Apache-2.0
// Two brokers, a bad network and a seed. Bytes are late, connections break and are made again while the old one still
// carries bytes, both sides crash, the slave takes over. Consumers read at both: what one has seen stays where it is.
// TENON_SEED replays a run.
#include <gtest/gtest.h>

#include <cstdlib>
#include <deque>
#include <map>
#include <random>

#include "replication/readable_on_slave.hpp"
#include "replication/testing/pair.hpp"

namespace tenon::replication {
namespace {

using namespace std::chrono_literals;
using testing::MemoryLog;
using testing::Replica;

/// One connection: what is under way in either direction, and the two ends. An end that has failed is gone.
struct Connection {
  std::unique_ptr<MasterSession> master;
  std::unique_ptr<SlaveSession> slave;
  std::string up, down;
};

class World {
 public:
  World(std::uint64_t seed, ReplicationProtocol protocol) : random_(seed), protocol_(protocol) {
    slave_settings_.speaks_extended = protocol == ReplicationProtocol::extended;
    sides_[0].epochs.begin(1, {});
  }

  void run(int steps) {
    for (int step = 0; step < steps && !::testing::Test::HasFailure(); ++step) {
      now_ += std::chrono::milliseconds(random(50));
      take_step();
      if (random(4) == 0) read(random(2));
      check();
    }
    calm_down();
    read_ = {};
    read(0);
    read(1);
  }

 private:
  Replica& master() { return sides_[master_]; }
  Replica& slave() { return sides_[1 - master_]; }
  std::uint64_t random(std::uint64_t below) { return random_() % below; }

  static PhysicalOffset whole(PhysicalOffset end) { return end - end.value % MemoryLog::kRecord; }

  void take_step() {
    switch (random(40)) {
      case 0:
        return connect();
      case 1:
        return break_newest();
      case 2:
        return restart_slave();
      case 3:
        return restart_master();
      case 4:
        return fail_over();
      case 5:
        // Retention that takes what only an unconfirmed tail follows would leave two logs with nothing in common.
        if (random(3) == 0 && slave().log.log_max() >= confirmed_ &&
            confirmed_ > master().log.log_min() + MemoryLog::kFile)
          master().log.drop_first_file();
        return;
      default:
        break;
    }
    if (random(3) == 0) {
      for (std::uint64_t count = random(60); count > 0; --count)
        master().log.append(static_cast<char>('a' + random(26)));
    }
    if (connections_.empty()) connect();
    carry(connections_[random(connections_.size())], 1 + random(3'000));
  }

  void connect() {
    // The slave has one connection at a time; the master may still hold old ones.
    for (Connection& old : connections_) old.slave = nullptr;
    if (connections_.size() == 3) connections_.pop_front();
    connections_.push_back(
        {std::make_unique<MasterSession>(master().log, master().epochs.history(), master_settings_, now_),
         std::make_unique<SlaveSession>(slave().log, slave().epochs, slave_settings_, now_),
         {},
         {}});
  }
  void break_newest() {
    if (!connections_.empty()) connections_.pop_back();
  }

  /// Moves up to so many bytes each way.
  void carry(Connection& one, std::size_t bytes) {
    if (one.slave) {
      if (!one.slave->tick(now_)) one.slave = nullptr;
    }
    if (one.slave) one.up += one.slave->take_output();
    if (one.master) {
      auto more = one.down.size() < 20'000 ? testing::everything(*one.master, confirmed_, now_) : std::string();
      more ? void(one.down += *more) : one.master.reset();
    }
    const std::string up = one.up.substr(0, bytes), down = one.down.substr(0, bytes);
    one.up.erase(0, up.size());
    one.down.erase(0, down.size());
    if (one.master) {
      if (const Status heard = one.master->receive(testing::bytes_of(up), now_); !heard) {
        last_error_ = heard.error().message();
        one.master = nullptr;
      }
    }
    if (one.slave) {
      if (const Status fed = testing::feed(*one.slave, down, now_); !fed) {
        last_error_ = fed.error().message();
        one.slave = nullptr;
      }
    }
    // Half a record that a slave has may go with a crash; nobody waits for it.
    if (one.master) confirmed_ = std::max(confirmed_, whole(one.master->acknowledged()));
  }

  /// kill -9: whole records stay, a half one does not.
  void restart_slave() {
    for (Connection& one : connections_) one.slave = nullptr;
    slave().log.restart(slave().log.log_max());
  }
  void restart_master() {
    connections_.clear();
    if (protocol_ == ReplicationProtocol::classic) return;
    // A power cut: the newest is lost, but what the slave confirmed was waited for.
    const std::int64_t lost = static_cast<std::int64_t>(random(20)) * MemoryLog::kRecord;
    const PhysicalOffset end = master().log.log_max() - lost;
    if (end < std::max(confirmed_, seen_end()) || end <= slave().log.log_min() || end < master().log.log_min()) return;
    master().log.restart(end);
    master().epochs.begin(++epoch_, master().log.log_max());
  }
  /// The slave becomes master; the old master comes back as its slave.
  void fail_over() {
    if (protocol_ == ReplicationProtocol::classic || slave().log.log_max() <= master().log.log_min()) return;
    connections_.clear();
    slave().log.restart(slave().log.log_max());
    slave().epochs.begin(++epoch_, slave().log.log_max());
    ASSERT_GE(slave().log.log_max(), confirmed_) << "what was confirmed is lost";
    ASSERT_GE(slave().log.log_max(), seen_end()) << "what a reader saw is lost";
    master_ = 1 - master_;
    slave().log.restart(slave().log.log_max());
  }

  PhysicalOffset seen_end() const { return seen_.empty() ? PhysicalOffset{} : seen_.rbegin()->first; }

  /// A consumer at one side sees what it may. Whatever anybody has seen before is the same.
  void read(std::size_t side) {
    const MemoryLog& log = sides_[side].log;
    PhysicalOffset& readable = readable_[side];
    if (side == master_ && confirmed_ >= sides_[side].epochs.history().last().start)
      readable = std::max(readable, std::min(confirmed_, log.log_max()));
    const SlaveSession* const session = connections_.empty() ? nullptr : connections_.back().slave.get();
    if (side != master_ && session != nullptr)
      readable = std::max(readable, readable_on_slave(*session, log.log_max(), 2));
    PhysicalOffset& at = read_[side];
    for (at = std::max(at, log.log_min()); at < readable; at += MemoryLog::kRecord) {
      const auto record = log.bytes().substr(static_cast<std::size_t>(at - log.log_min()), MemoryLog::kRecord);
      ASSERT_EQ(seen_.emplace(at + MemoryLog::kRecord, record).first->second, record) << "at " << at.value;
    }
  }

  void check() {
    for (std::size_t side = 0; side < 2; ++side)  // it may have been cut
      read_[side] = std::min(read_[side], readable_[side] = std::min(readable_[side], sides_[side].log.log_max()));
    // What is confirmed is the same on both sides, byte for byte.
    const std::int64_t from = std::max(master().log.log_min(), slave().log.log_min()).value;
    if (confirmed_.value <= from) return;
    ASSERT_GE(master().log.log_max(), confirmed_);
    ASSERT_GE(slave().log.log_received(), confirmed_);
    const auto part = [&](const Replica& side) {
      return std::string_view(side.log.bytes())
          .substr(static_cast<std::size_t>(from - side.log.log_min().value),
                  static_cast<std::size_t>(confirmed_.value - from));
    };
    ASSERT_EQ(part(master()) == part(slave()), true) << "confirmed up to " << confirmed_.value;
  }

  /// With a good network the slave gets everything.
  void calm_down() {
    connections_.clear();
    slave().log.restart(slave().log.log_max());
    connect();
    for (int round = 0; round < 10'000 && slave().log.log_max() != master().log.log_max(); ++round) {
      now_ += 1ms;
      carry(connections_.back(), 100'000);
      if (!connections_.back().slave || !connections_.back().master) connect();
    }
    EXPECT_EQ(slave().log.log_max(), master().log.log_max()) << last_error_;
    check();
  }

  std::mt19937_64 random_;
  const ReplicationProtocol protocol_;
  testing::Time now_{};
  std::array<Replica, 2> sides_;
  std::size_t master_ = 0;
  MasterSettings master_settings_{.identity = {"c", "b", 0}, .batch_bytes = 1'000};
  SlaveSettings slave_settings_{.identity = {"c", "b", 1}};
  std::deque<Connection> connections_;
  std::string last_error_;
  std::int64_t epoch_ = 1;  ///< A clock, for the brokers.
  PhysicalOffset confirmed_;
  std::array<PhysicalOffset, 2> readable_, read_;
  std::map<PhysicalOffset, std::string> seen_;  ///< Records by where they end.
};

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
constexpr int kSeeds = 10;  // Each takes thirty times as long.
#else
constexpr int kSeeds = 100;
#endif

std::vector<std::uint64_t> seeds() {
  if (const char* given = std::getenv("TENON_SEED")) return {std::strtoull(given, nullptr, 10)};
  std::random_device device;
  std::vector<std::uint64_t> seeds;
  seeds.reserve(kSeeds);
  for (int count = 0; count < kSeeds; ++count) seeds.push_back(device());
  return seeds;
}

void simulate(ReplicationProtocol protocol) {
  for (const std::uint64_t seed : seeds()) {
    SCOPED_TRACE(::testing::Message() << "TENON_SEED=" << seed);
    World(seed, protocol).run(1'500);
    if (::testing::Test::HasFailure()) return;
  }
}

TEST(Simulation, Classic) { simulate(ReplicationProtocol::classic); }
TEST(Simulation, Extended) { simulate(ReplicationProtocol::extended); }

}  // namespace
}  // namespace tenon::replication
