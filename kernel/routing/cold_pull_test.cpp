// SPDX-License-Identifier: Apache-2.0
// Pulls whose messages lie on the disk are read on the disk's executor, and answered all the same.
#include "routing/puller.hpp"
#include "routing/test_broker.hpp"

namespace tenon::kernel {
namespace {

using test::BrokerTest;

class ColdPull : public BrokerTest {};

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
