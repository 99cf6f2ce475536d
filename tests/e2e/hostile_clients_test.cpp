// SPDX-License-Identifier: Apache-2.0
// Very many, very slow and very greedy clients of one process.
#include <fcntl.h>
#include <gtest/gtest.h>
#include <poll.h>
#include <sys/resource.h>
#include <sys/socket.h>

#include <chrono>
#include <csignal>
#include <deque>

#include "broker_process.hpp"
#include "message_requests.hpp"
#include "protocol-native/testing/sample_requests.hpp"

namespace tenon::e2e {
namespace {

using protocol_native::RawClient;
using protocol_native::SamplePull;
using remoting::RequestCode;

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
constexpr std::size_t kMemoryFactor = 20;  // red zones and shadows
#else
constexpr std::size_t kMemoryFactor = 1;
#endif

constexpr std::size_t kMiB = 1024 * 1024;

std::size_t grown(const BrokerProcess& broker, std::size_t before) {
  const std::size_t now = broker.anonymous_memory();
  return now > before ? now - before : 0;
}

/// Raises this process's limit of open files, which the broker inherits.
bool allow_open_files(rlim_t wanted) {
  rlimit limit{};
  ::getrlimit(RLIMIT_NOFILE, &limit);
  if (limit.rlim_cur >= wanted) return true;
  limit.rlim_cur = std::min(wanted, limit.rlim_max);
  return ::setrlimit(RLIMIT_NOFILE, &limit) == 0 && limit.rlim_cur >= wanted;
}

std::string whole_request() { return RawClient::frame(RequestCode::get_broker_cluster_info, 7, {}); }

TEST(HostileClients, TenThousandIdleConnectionsCostLittleAndDisturbNobody) {
  constexpr std::size_t kConnections = 10'000;
  if (!allow_open_files(kConnections + 200))
    GTEST_SKIP() << "the limit of open files is too low for 10,000 connections";
  BrokerProcess broker;
  RawClient busy(broker.address());
  ASSERT_EQ(send_message(busy, "T-idle", "before").code, 0);
  const std::size_t before = broker.anonymous_memory();
  std::deque<RawClient> idle;
  for (std::size_t i = 0; i < kConnections; ++i) idle.emplace_back(broker.address());
  // Connections are taken in turn: when the last is answered, all are there.
  EXPECT_EQ(idle.back().call(RequestCode::get_broker_cluster_info, {}).code, 0);
  EXPECT_EQ(idle.front().call(RequestCode::get_broker_cluster_info, {}).code, 0);
  EXPECT_LT(grown(broker, before) / kConnections, 4096 * kMemoryFactor) << "bytes a connection";
  EXPECT_EQ(send_message(busy, "T-idle", "meanwhile").code, 0);
  EXPECT_EQ(all_messages(busy, "T-idle").size(), 2u);
  EXPECT_EQ(broker.end(SIGTERM), 0);
}

// Writes as much as the socket takes; stops when it took nothing for a while, or after `limit` bytes.
std::size_t write_greedily(const RawClient& client, const std::string& bytes, std::size_t limit) {
  ::fcntl(client.descriptor(), F_SETFL, O_NONBLOCK);
  std::size_t written = 0;
  pollfd wait{client.descriptor(), POLLOUT, 0};
  while (written<limit&& ::poll(&wait, 1, 500)> 0) {
    const ssize_t count = ::send(client.descriptor(), bytes.data() + written % bytes.size(),
                                 bytes.size() - written % bytes.size(), MSG_NOSIGNAL);
    if (count > 0)
      written += static_cast<std::size_t>(count);
    else if (errno != EAGAIN)
      break;
  }
  return written;
}

TEST(HostileClients, AClientThatNeverReadsStaysBoundedAndOthersAreServed) {
  BrokerProcess broker;
  RawClient good(broker.address());
  const std::string body(64 * 1024, 'g');
  for (int i = 0; i < 32; ++i) ASSERT_EQ(send_message(good, "T-greedy", body).code, 0);
  const std::string request =
      RawClient::frame(RequestCode::pull_message, 1, fields_of(SamplePull{.topic = "T-greedy"}));
  const std::size_t before = broker.anonymous_memory();
  std::deque<RawClient> greedy;
  for (int i = 0; i < 4; ++i) write_greedily(greedy.emplace_back(broker.address()), request, 16 * kMiB);
  EXPECT_LT(grown(broker, before), 64 * kMiB * kMemoryFactor);
  EXPECT_EQ(send_message(good, "T-greedy", "still served").code, 0);
  EXPECT_EQ(all_messages(good, "T-greedy").size(), 33u);
}

TEST(HostileClients, ATrickleDisturbsNobodyAndIsAnsweredWhenItIsWhole) {
  BrokerProcess broker;
  RawClient good(broker.address());
  std::deque<RawClient> slow;
  for (int i = 0; i < 50; ++i) slow.emplace_back(broker.address());
  const std::string request = whole_request();
  for (const char byte : request) {
    for (RawClient& client : slow) client.send_bytes({&byte, 1});
    ASSERT_EQ(send_message(good, "T-trickle", "x").code, 0);
  }
  for (RawClient& client : slow) EXPECT_TRUE(client.next_answer(7));
}

TEST(HostileClients, ATrickleThatKeepsComingIsClosedInTime) {
  BrokerSetup setup;
  setup.settings = {"plugins.native.frame_timeout=1s"};
  BrokerProcess broker(setup);
  RawClient slow(broker.address());
  const std::string endless{0, 1, 0, 0};  // a frame of 64 KiB, then a byte of it now and then
  slow.send_bytes(endless);
  const auto begin = std::chrono::steady_clock::now();
  bool closed = false;
  while (!closed && std::chrono::steady_clock::now() - begin < std::chrono::seconds(20)) {
    slow.send_bytes({"\0", 1});
    closed = slow.closed_by_server(std::chrono::milliseconds(50));
  }
  EXPECT_TRUE(closed) << "its time counts from the first byte, not from the last";
  RawClient good(broker.address());
  EXPECT_EQ(send_message(good, "T-after", "x").code, 0);
}

}  // namespace
}  // namespace tenon::e2e
