// SPDX-License-Identifier: Apache-2.0
#include "routing/held_appends.hpp"

#include <boost/asio/io_context.hpp>
#include <thread>

#include "fastjson/reader.hpp"
#include "routing/rerun_on_demand.hpp"
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

TEST(HeldAppends, WhoWaitsAtMoreQueuesThanAreListedIsToldToo) {
  tenon::testing::MemoryMessageStore store;
  HeldAppends held;
  int told = 0, told_of_all = 0;
  ASSERT_TRUE(store.set_readable_end({0}));
  held.wire(
      store, [&](std::string_view, std::int32_t) { ++told; }, [&] { ++told_of_all; });
  Message message;
  message.topic = "T";
  const auto append = [&](int queue_id) {
    message.queue_id = queue_id;
    const AppendReceipt receipt = store.append(message).value();
    EXPECT_TRUE(held.hold("T", queue_id, receipt));
    return receipt.physical_end;
  };
  PhysicalOffset end;
  constexpr auto kListed = static_cast<int>(HeldAppends::kQueuesMax);
  for (int queue_id = 0; queue_id < kListed; ++queue_id) end = append(queue_id);
  const PhysicalOffset first_more = append(kListed), last_more = append(kListed + 1);
  ASSERT_TRUE(store.set_readable_end(end));
  EXPECT_EQ(told, kListed);
  EXPECT_EQ(told_of_all, 0) << "nothing of the others can be read yet";
  ASSERT_TRUE(store.set_readable_end(first_more));
  ASSERT_TRUE(store.set_readable_end(last_more));
  EXPECT_EQ(told_of_all, 2);
  ASSERT_TRUE(store.set_readable_end(append(kListed + 2)));
  EXPECT_EQ(told_of_all, 2) << "there is room in the list again";
  EXPECT_EQ(told, kListed + 1);
}

TEST(RerunOnDemand, RunsOnceMoreForAllWhoAskMeanwhile) {
  boost::asio::io_context executor;
  int runs = 0;
  std::shared_ptr<RerunOnDemand> work;
  work = std::make_shared<RerunOnDemand>(executor.get_executor(), [&] {
    if (++runs > 1) return;
    work->ask();
    work->ask();
  });
  work->ask();
  work->ask();
  EXPECT_EQ(runs, 0) << "not on this thread";
  executor.run();
  EXPECT_EQ(runs, 2);
  work->ask();
  work->stop();
  executor.restart();
  executor.run();
  EXPECT_EQ(runs, 2);
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
