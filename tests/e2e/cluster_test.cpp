// SPDX-License-Identifier: Apache-2.0
// A broker and its name server as processes of their own.
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <chrono>
#include <csignal>
#include <stdexcept>

#include "broker_process.hpp"
#include "message_requests.hpp"

namespace tenon::e2e {
namespace {

using protocol_native::RawClient;
using protocol_native::ReceivedFrame;
using remoting::RequestCode;

constexpr const char* kBrokerAlone = R"([broker]
data_dir = "data"

[plugins.store]
type = "store-mmap"

[plugins.filter-tag]

[plugins.native]
type = "protocol-native"
listen = "127.0.0.1:0"
)";

bool is_free(int port) {
  const int descriptor = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(static_cast<std::uint16_t>(port));
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  const bool bound = ::bind(descriptor, reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0;
  ::close(descriptor);
  return bound;
}

/// A port that nobody gets by chance while its owner is away: below those that the system hands out.
std::string port_to_come_back_to() {
  for (int i = 0; i < 1000; ++i) {
    const int port = 15'000 + static_cast<int>((::getpid() * 7L + i) % 10'000);
    if (is_free(port)) return std::to_string(port);
  }
  throw std::runtime_error("no free port");
}

ReceivedFrame route_of(const HostAddress& name_server, std::string_view topic) {
  return RawClient(name_server).call(RequestCode::get_routeinfo_by_topic, {{"topic", topic}});
}

/// Asks again and again until there is a route, or none.
bool becomes(bool there, const HostAddress& name_server, std::string_view topic) {
  const auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds(20);
  RawClient client(name_server);
  while ((client.call(RequestCode::get_routeinfo_by_topic, {{"topic", topic}}).code == 0) != there) {
    if (std::chrono::steady_clock::now() > deadline) return false;
    client.next(std::chrono::milliseconds(20));  // nothing comes: the pause between two questions
  }
  return true;
}

TEST(Cluster, TheBrokerServesWithoutItsNameServerAndRegistersWhenItIsBack) {
  BrokerSetup named{kNameServer, {"plugins.native.listen=127.0.0.1:" + port_to_come_back_to()}};
  BrokerProcess name_server(named);
  BrokerProcess broker({kBrokerAlone, {"broker.name_servers=" + name_server.address().to_string()}});
  RawClient client(broker.address());
  ASSERT_EQ(send_message(client, "T-before", "x").code, 0);
  const auto route = route_of(name_server.address(), "T-before");
  EXPECT_EQ(route.code, 0) << "a new topic is registered before its first send is answered";
  EXPECT_NE(route.body.find(broker.address().to_string()), std::string::npos) << route.body;

  EXPECT_EQ(name_server.end(SIGKILL), 128 + SIGKILL);
  EXPECT_EQ(send_message(client, "T-before", "y").code, 0);
  EXPECT_EQ(send_message(client, "T-meanwhile", "z").code, 0) << "nobody waits for who is away";

  name_server.start_again();
  EXPECT_TRUE(becomes(true, name_server.address(), "T-before"));
  EXPECT_TRUE(becomes(true, name_server.address(), "T-meanwhile"));

  EXPECT_EQ(broker.end(SIGTERM), 0);
  EXPECT_NE(route_of(name_server.address(), "T-before").code, 0) << "an orderly stop unregisters";
  EXPECT_EQ(name_server.end(SIGTERM), 0);
}

TEST(Cluster, ABrokerStartsBeforeItsNameServer) {
  const std::string port = port_to_come_back_to();
  BrokerProcess broker({kBrokerAlone, {"broker.name_servers=127.0.0.1:" + port}});
  RawClient client(broker.address());
  EXPECT_EQ(send_message(client, "T-early", "x").code, 0);
  BrokerProcess name_server({kNameServer, {"plugins.native.listen=127.0.0.1:" + port}});
  EXPECT_TRUE(becomes(true, name_server.address(), "T-early"));
}

TEST(Cluster, ALostBrokerLeavesTheRoute) {
  BrokerProcess name_server({kNameServer, {}});
  BrokerProcess broker({kBrokerAlone, {"broker.name_servers=" + name_server.address().to_string()}});
  RawClient client(broker.address());
  ASSERT_EQ(send_message(client, "T-lost", "x").code, 0);
  ASSERT_EQ(route_of(name_server.address(), "T-lost").code, 0);
  broker.end(SIGKILL);
  EXPECT_TRUE(becomes(false, name_server.address(), "T-lost")) << "the end of its connection is enough";
}

}  // namespace
}  // namespace tenon::e2e
