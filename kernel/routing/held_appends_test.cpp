// SPDX-License-Identifier: Apache-2.0
#include "routing/held_appends.hpp"

#include <thread>

#include "fastjson/reader.hpp"
#include "routing/test_broker.hpp"
#include "tenon/admin_command.hpp"
#include "tenon/append_listener.hpp"

namespace tenon::kernel {
namespace {

using test::BrokerTest;
using namespace std::chrono_literals;

class ListenerOfAll final : public AppendListener {
 public:
  bool listens() const noexcept override { return true; }
  void appended(std::string_view, std::int32_t, QueueOffset offset) noexcept override { stored.push_back(offset); }
  void readable(std::string_view, std::int32_t, QueueOffset offset) noexcept override { shown.push_back(offset); }

  std::vector<QueueOffset> stored, shown;
};

class HeldAppendsTest : public BrokerTest {
 protected:
  void SetUp() override {
    services.provide<AppendListener>(listener, "test");
    open();
    ASSERT_TRUE(send("T"));
    hold_back();
  }
  void hold_back() { ASSERT_TRUE(store.set_readable_end(store.status().max_physical_offset)); }
  std::uint64_t wait_at(std::int64_t offset, std::string_view expression = "*") {
    PullRequest request = pull_request("g", "T", offset);
    request.suspend_timeout = 15s;
    request.expression = expression;
    const std::uint64_t token = start_pull(request);
    host.run();
    return token;
  }

  ListenerOfAll listener;
};

TEST_F(HeldAppendsTest, AHeldPullIsAnsweredByTheConfirmationAndNotByTheAppend) {
  const std::uint64_t token = wait_at(1);
  ASSERT_TRUE(send("T"));
  EXPECT_FALSE(answered(token));
  hold_back();
  host.run();
  ASSERT_TRUE(answered(token));
  EXPECT_EQ(outcome(token)->status, PullStatus::found);
  EXPECT_EQ(outcome(token)->read.message_count, 1);
}

TEST_F(HeldAppendsTest, OnlyWhatIsConfirmedAnswers) {
  const std::uint64_t first = wait_at(1);
  const auto one = send("T"), two = send("T");
  ASSERT_TRUE(one && two);
  const std::uint64_t second = wait_at(2);
  ASSERT_TRUE(store.set_readable_end(one->append.physical_end));
  host.run();
  EXPECT_TRUE(answered(first));
  EXPECT_FALSE(answered(second)) << "it waits for the second";
  ASSERT_TRUE(store.set_readable_end(two->append.physical_end));
  host.run();
  EXPECT_TRUE(answered(second));
}

TEST_F(HeldAppendsTest, APullThatComesBeforeTheConfirmationIsHeldToo) {
  ASSERT_TRUE(send("T"));
  const std::uint64_t token = wait_at(1);
  EXPECT_FALSE(answered(token)) << "stored, but not to be read yet";
  ASSERT_TRUE(store.set_readable_end(ReadableEnd::kUnbounded));
  host.run();
  EXPECT_EQ(outcome(token)->status, PullStatus::found);
}

TEST_F(HeldAppendsTest, ListenersHearOfTheAppendAtOnceAndOfTheConfirmationThen) {
  listener.stored.clear();
  ASSERT_TRUE(send("T"));
  ASSERT_TRUE(send("T"));
  EXPECT_EQ(listener.stored.size(), 2U);
  EXPECT_TRUE(listener.shown.empty());
  hold_back();
  EXPECT_EQ(listener.shown, std::vector{QueueOffset{2}});
  hold_back();
  EXPECT_EQ(listener.shown.size(), 1U) << "once";
}

TEST_F(HeldAppendsTest, ABrokerThatIsDrainedWaitsForWhatIsHeldBack) {
  ASSERT_TRUE(of<ConsumerOffsets>().commit("g", "T", 0, {1}));
  (void)of<Groups>().find_or_create("g");
  ASSERT_TRUE(send("T"));
  const auto status = fastjson::parse(of<AdminCommand>().run("").value()).value();
  EXPECT_EQ(status.i64_or("unconsumed", 0), 1);
}

TEST_F(HeldAppendsTest, WithoutReplicationNothingIsHeldBack) {
  ASSERT_TRUE(send("T"));
  broker->start();  // as a broker whose composition has lost its replication
  EXPECT_EQ(store.readable_end(), ReadableEnd::kUnbounded);
}

TEST(HeldAppends, NoneIsForgottenWhoeverIsFaster) {
  constexpr int kMessages = 20'000;
  tenon::testing::MemoryMessageStore store;
  HeldAppends held;
  std::atomic<std::int64_t> told{0};
  ASSERT_TRUE(store.set_readable_end({0}));
  held.wire(
      store,
      [&](std::string_view topic, std::int32_t queue_id) {
        std::int64_t before = told;
        const std::int64_t shown = store.bounds(topic, queue_id).max.value;
        while (before < shown && !told.compare_exchange_weak(before, shown)) {
        }
      },
      [] {});
  std::atomic<bool> done{false};
  std::thread mover([&] {
    while (!done) (void)store.set_readable_end(store.status().max_physical_offset);
  });
  Message message;
  message.topic = "T";
  for (int count = 1; count <= kMessages; ++count) {
    const AppendReceipt receipt = store.append(message).value();
    if (!held.hold("T", 0, receipt))
      continue;  // it was confirmed before anybody could be told: readers look themselves
    while (count % 16 == 0 && told < count) std::this_thread::yield();
  }
  done = true;
  mover.join();
}

}  // namespace
}  // namespace tenon::kernel
