// SPDX-License-Identifier: Apache-2.0
// Producers and long-polling consumers on threads of their own: no append is missed by a pull that parks meanwhile.
#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/post.hpp>
#include <future>
#include <thread>

#include "routing/test_broker.hpp"

namespace tenon::kernel {
namespace {

using namespace std::chrono_literals;

constexpr std::int64_t kMessages = 4'000;
constexpr int kProducers = 2;

/// Pulls one queue until it has everything; each pull may be held for ever, so a missed wake-up would hang it.
class Follower final : public PullCompletion, public std::enable_shared_from_this<Follower> {
 public:
  Follower(Pulling& pulling, std::string group) : pulling_(pulling), group_(std::move(group)) {}

  void start() {
    thread_ = std::thread([this] { context_.run(); });
    boost::asio::post(context_, [this] { pull(); });
  }
  bool wait_until(std::chrono::steady_clock::time_point deadline) {
    return done_.get_future().wait_until(deadline) == std::future_status::ready;
  }
  void stop() {
    context_.stop();
    thread_.join();
  }
  std::int64_t received() const { return next_; }

  void pulled(std::uint64_t, Result<PullOutcome> outcome) noexcept override {
    EXPECT_EQ(std::this_thread::get_id(), thread_.get_id()) << "a completion runs on its own executor";
    if (outcome) next_ = std::max(next_, outcome->read.next_queue_offset.value);
    boost::asio::post(context_, [this] { pull(); });
  }
  boost::asio::any_io_executor executor() const override { return context_.get_executor(); }

 private:
  void pull() {
    if (next_ >= kMessages) return done_.set_value();
    PullRequest request;
    request.group = group_;
    request.topic = "T";
    request.offset = QueueOffset{next_};
    request.has_subscription = true;
    request.suspend_timeout = 120s;
    pulling_.pull(request, shared_from_this(), 1);
  }

  Pulling& pulling_;
  const std::string group_;
  mutable boost::asio::io_context context_;
  const boost::asio::executor_work_guard<boost::asio::io_context::executor_type> work_{context_.get_executor()};
  std::thread thread_;
  std::promise<void> done_;
  std::int64_t next_ = 0;
};

class LongPollingRace : public test::BrokerTest {};

TEST_F(LongPollingRace, NoWakeUpIsLost) {
  open();
  ASSERT_TRUE(send("T"));
  auto& publishing = of<Publishing>();
  const std::vector followers{std::make_shared<Follower>(of<Pulling>(), "g1"),
                              std::make_shared<Follower>(of<Pulling>(), "g2")};
  for (const auto& follower : followers) follower->start();
  std::vector<std::thread> producers;
  producers.reserve(kProducers);
  for (int index = 0; index < kProducers; ++index) {
    producers.emplace_back([&] {
      const auto own = std::make_shared<test::RecordingProducer>(host.context.get_executor());
      const PublishRequest request = request_for("T", {}, 0);
      for (std::int64_t count = 0; count < kMessages / kProducers; ++count) {
        publishing.publish(request, own, static_cast<std::uint64_t>(count));
        // Lets consumers catch up now and then, so that they park and are woken rather than always finding something.
        if (count % 8 == 0) std::this_thread::yield();
      }
    });
  }
  for (std::thread& producer_thread : producers) producer_thread.join();
  const auto deadline = std::chrono::steady_clock::now() + 60s;
  for (const auto& follower : followers) EXPECT_TRUE(follower->wait_until(deadline));
  for (const auto& follower : followers) {
    follower->stop();
    EXPECT_GE(follower->received(), kMessages);
  }
}

}  // namespace
}  // namespace tenon::kernel
