// SPDX-License-Identifier: Apache-2.0
// Pulls whose messages lie on the disk are read on the disk's executor, and answered all the same.
#include "routing/puller.hpp"
#include "routing/test_broker.hpp"

namespace tenon::kernel {
namespace {

using test::BrokerTest;

class ColdPull : public BrokerTest {
 protected:
  /// So many that who has read the first of them is still far behind.
  void send_many() {
    body.assign(kBodyBytes, 'x');
    for (int count = 0; count < kMessages; ++count) ASSERT_TRUE(send("T"));
  }
  /// What comes after it has come to memory as well.
  void read_cold(std::int64_t offset) {
    store.pretend_to_be_cold(true);
    (void)start_pull(next_request(offset));
    host.run();
    store.pretend_to_be_cold(false);
  }
  PullRequest next_request(std::int64_t offset) {
    PullRequest request = pull_request("g", "T", offset);
    request.max_messages = 1;
    request.suspend_timeout = std::chrono::seconds(15);
    return request;
  }

  static constexpr int kMessages = 8;
  static constexpr std::size_t kBodyBytes = 3 * 1024 * 1024;
};

/// A connection that sends what disk threads offer it.
class SendingConsumer final : public PullCompletion {
 public:
  explicit SendingConsumer(boost::asio::any_io_executor executor) : executor_(std::move(executor)) {}
  void pulled(std::uint64_t, Result<PullOutcome>) noexcept override { ++pulled_; }
  bool pulled_from_disk(std::uint64_t, Result<PullOutcome>& outcome) noexcept override {
    messages_ += outcome ? outcome->read.message_count : 0;
    return true;
  }
  boost::asio::any_io_executor executor() const override { return executor_; }

  int pulled_ = 0, messages_ = 0;

 private:
  const boost::asio::any_io_executor executor_;
};

TEST_F(ColdPull, IsAnsweredWhenTheDiskHasAnswered) {
  open();
  ASSERT_TRUE(send("T"));
  store.pretend_to_be_cold(true);
  const std::uint64_t token = start_pull(pull_request("g", "T", 0));
  EXPECT_TRUE(consumer->outcomes.empty());
  host.run();
  ASSERT_EQ(outcome(token)->status, PullStatus::found);
  EXPECT_EQ(outcome(token)->read.message_count, 1);
}

TEST_F(ColdPull, IsNotHeldAlthoughItMayWait) {
  open();
  ASSERT_TRUE(send("T"));
  store.pretend_to_be_cold(true);
  PullRequest request = pull_request("g", "T", 0);
  request.suspend_timeout = std::chrono::seconds(15);
  const std::uint64_t token = start_pull(request);
  host.run();
  EXPECT_EQ(outcome(token)->status, PullStatus::found);
}

TEST_F(ColdPull, IsSentFromTheDiskThreadByWhoCan) {
  open();
  ASSERT_TRUE(send("T"));
  store.pretend_to_be_cold(true);
  const auto sending = std::make_shared<SendingConsumer>(host.context.get_executor());
  of<Pulling>().pull(pull_request("g", "T", 0), sending, 1);
  host.run();
  EXPECT_EQ(sending->messages_, 1);
  EXPECT_EQ(sending->pulled_, 0) << "the answer was given twice";
}

TEST_F(ColdPull, IsFollowedByPullsOfWhatCameToMemoryWithIt) {
  open();
  send_many();
  read_cold(0);
  const std::uint64_t second = start_pull(next_request(1));
  EXPECT_FALSE(answered(second)) << "the I/O thread has copied it";
  host.run();
  EXPECT_EQ(outcome(second)->read.message_count, 1);
}

TEST_F(ColdPull, IsNotFollowedByThemWithTheEndInSight) {
  open();
  send_many();
  read_cold(kMessages - 2);
  EXPECT_TRUE(answered(start_pull(next_request(kMessages - 1))));
}

TEST_F(ColdPull, IsHeldAtTheEndOfTheQueueLikeAnyOther) {
  open();
  send_many();
  read_cold(0);
  const std::uint64_t at_the_end = start_pull(next_request(kMessages));
  host.run();
  EXPECT_FALSE(answered(at_the_end));
  ASSERT_TRUE(send("T"));
  host.run();
  EXPECT_EQ(outcome(at_the_end)->status, PullStatus::found);
}

TEST_F(ColdPull, OfAConnectionThatIsGoneIsForgotten) {
  open();
  ASSERT_TRUE(send("T"));
  store.pretend_to_be_cold(true);
  (void)start_pull(pull_request("g", "T", 0));
  const std::weak_ptr<test::RecordingConsumer> gone = consumer;
  consumer.reset();
  EXPECT_TRUE(gone.expired()) << "a read on its way must not keep a connection";
  host.run();
}

}  // namespace
}  // namespace tenon::kernel
