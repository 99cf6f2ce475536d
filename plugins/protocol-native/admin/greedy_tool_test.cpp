// SPDX-License-Identifier: Apache-2.0
// A client that asks for much that comes from the disk.
#include <future>

#include "protocol-native/admin/admin_fixture.hpp"

namespace tenon::protocol_native {
namespace {

using remoting::RequestCode;

class GreedyToolTest : public AdminFixture {
 protected:
  static constexpr int kRequests = 100;

  void SetUp() override {
    AdminFixture::SetUp();
    host.disk_ = disk_.get_executor();
    open();
  }
  static std::string requests() {
    std::string stream;
    for (int opaque = 1; opaque <= kRequests; ++opaque) {
      stream += RawClient::frame(RequestCode::get_consume_stats, opaque, {{"consumerGroup", "g"}});
    }
    return stream;
  }
  /// What the disk has to do while the connections' thread takes on nothing more.
  std::size_t work_taken_on() {
    // Shared: this function may be over before the thread looks at them.
    const auto stopped = std::make_shared<std::promise<void>>();
    std::promise<void> go_on;
    boost::asio::post(host.net_.front(), [stopped, wait = go_on.get_future().share()] {
      stopped->set_value();
      wait.wait();
    });
    stopped->get_future().wait();
    const std::size_t done = disk_.poll();
    go_on.set_value();
    return done;
  }

  boost::asio::io_context disk_;
};

TEST_F(GreedyToolTest, IsServedInPortionsAndWhole) {
  RawClient greedy(address()), other(address());
  greedy.send_bytes(requests());
  EXPECT_EQ(other.call(static_cast<RequestCode>(9999), {}).code, 3);
  EXPECT_EQ(work_taken_on(), 32u);
  const auto guard = boost::asio::make_work_guard(disk_);
  disk_.restart();
  std::thread disk([this] { disk_.run(); });
  for (int opaque = 1; opaque <= kRequests; ++opaque) EXPECT_TRUE(greedy.next_answer(opaque)) << opaque;
  EXPECT_EQ(greedy.call(static_cast<RequestCode>(9999), {}).code, 3);
  disk_.stop();
  disk.join();
}

}  // namespace
}  // namespace tenon::protocol_native
