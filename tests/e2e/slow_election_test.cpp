// SPDX-License-Identifier: Apache-2.0
// A broker that takes longer than its lease in a real etcd to become the master.
#include <gtest/gtest.h>

#include <csignal>
#include <filesystem>
#include <fstream>
#include <thread>

#include "election-etcd/etcd_keys.hpp"
#include "etcd_process.hpp"
#include "message_requests.hpp"
#include "replicated_brokers.hpp"
#include "tenon/text.hpp"

namespace tenon::e2e {
namespace {

using namespace std::chrono_literals;

constexpr auto kLease = 3s;

/// Whether the thread of this name leaves SIGTERM to the main thread. False also when there is none.
bool leaves_signals_alone(const BrokerProcess& broker, std::string_view thread) {
  for (const auto& task : std::filesystem::directory_iterator(text("/proc/", broker.pid(), "/task"))) {
    std::string word;
    if (std::ifstream(task.path() / "comm") >> word; word != thread) continue;
    std::ifstream status(task.path() / "status");
    while (status >> word && word != "SigBlk:") {
    }
    std::uint64_t blocked = 0;
    status >> std::hex >> blocked;
    return (blocked >> (SIGTERM - 1) & 1) != 0;
  }
  return false;
}

TEST(SlowElection, WhoIsElectedKeepsItsPlaceUntilItHasBegun) {
  if (std::string_view(TENON_ETCD).empty()) GTEST_SKIP() << "etcd is not installed (Debian: etcd-server)";
  const BrokerProcess name_server({.config = kNameServer});
  const EtcdProcess etcd(TENON_ETCD);
  const std::filesystem::path go = name_server.directory() / "go";
  std::vector<std::unique_ptr<BrokerProcess>> brokers;
  for (const int id : {1, 2}) {
    BrokerSetup setup = replicated_broker(
        name_server.address(), id,
        {"plugins.ha.replication=sync", text("plugins.election-etcd.endpoints=http://", etcd.address()),
         text("plugins.election-etcd.lease_ttl=", kLease.count(), "s"),
         text("plugins.slow-beginning.until=", go.native())});
    setup.environment.emplace_back("TENON_PLUGIN_PATH", TENON_TEST_PLUGINS);
    brokers.push_back(std::make_unique<BrokerProcess>(std::move(setup)));
  }
  election_etcd::EtcdAccess access;
  access.endpoints = {election_etcd::parse_endpoint("http://" + etcd.address()).value()};
  election_etcd::EtcdKeys keys(access, "/tenon/DefaultCluster/broker-a/", kLease, kLease);
  const auto leader = [&] {
    const auto seen = keys.read();
    return seen && seen->leader ? *seen->leader : 0;
  };
  ASSERT_TRUE(becomes_true([&] { return leader() != 0; }));
  const std::int64_t elected = leader();
  BrokerProcess& master = *brokers.at(static_cast<std::size_t>(elected) - 1);
  EXPECT_TRUE(becomes_true([&] {
    return ha_status(master.address()).text_or("health", "").find("is becoming the master") != std::string::npos;
  }));
  for (const auto end = std::chrono::steady_clock::now() + 3 * kLease; std::chrono::steady_clock::now() < end;) {
    ASSERT_EQ(leader(), elected);
    std::this_thread::sleep_for(50ms);
  }
  EXPECT_TRUE(leaves_signals_alone(master, "election"));
  EXPECT_TRUE(leaves_signals_alone(master, "promotion"));
  EXPECT_FALSE(master.has_ended());
  std::ofstream(go) << "now";
  EXPECT_TRUE(becomes_true([&] { return has_a_slave_in_sync(master.address()); }));
  protocol_native::RawClient client(master.address());
  EXPECT_TRUE(becomes_true([&] { return send_message(client, "T", "after all").code == 0; }));
  EXPECT_EQ(leader(), elected);
}

}  // namespace
}  // namespace tenon::e2e
