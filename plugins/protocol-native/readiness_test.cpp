// SPDX-License-Identifier: Apache-2.0
#include <atomic>
#include <memory>
#include <thread>
#include <vector>

#include "protocol-native/testing/server_fixture.hpp"

namespace tenon::protocol_native {
namespace {

using remoting::RequestCode;

constexpr auto kUnknown = static_cast<RequestCode>(9999);

class ReadinessTest : public ServerFixture {
 protected:
  void SetUp() override { with_broker(); }
};

TEST_F(ReadinessTest, MoreConnectionsThanOneWakeTellsOfAreAllServed) {
  open();
  std::vector<std::unique_ptr<RawClient>> clients(300);
  for (auto& client : clients) client = std::make_unique<RawClient>(address());
  std::vector<std::int32_t> opaques;
  opaques.reserve(clients.size());
  for (const auto& client : clients) opaques.push_back(client->send(kUnknown, {}));
  for (std::size_t index = 0; index < clients.size(); ++index) {
    const auto answer = clients[index]->next_answer(opaques[index]);
    ASSERT_TRUE(answer) << index;
    EXPECT_EQ(answer->code, 3);
  }
}

TEST_F(ReadinessTest, ABusyConnectionLetsOthersIn) {
  open();
  std::atomic<bool> enough{false};
  std::thread busy([this, &enough] {
    RawClient client(address());
    std::string many;
    for (int count = 0; count < 200; ++count) many += RawClient::frame(kUnknown, 5, {});
    while (!enough) {
      client.send_bytes(many);
      for (int count = 0; count < 200; ++count) client.next();
    }
  });
  for (int count = 0; count < 50; ++count) {
    RawClient client(address());
    EXPECT_EQ(client.call(kUnknown, {}).code, 3);
    EXPECT_EQ(client.call(kUnknown, {}).code, 3);
  }
  enough = true;
  busy.join();
}

TEST_F(ReadinessTest, AConnectionThatEndsWhileItIsTheOnlyOneIsForgotten) {
  open();
  for (int round = 0; round < 20; ++round) {
    RawClient client(address());
    for (int count = 0; count < 5; ++count) EXPECT_EQ(client.call(kUnknown, {}).code, 3);
  }
}

}  // namespace
}  // namespace tenon::protocol_native
