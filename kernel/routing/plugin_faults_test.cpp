// SPDX-License-Identifier: Apache-2.0
#include "routing/plugin_faults.hpp"

#include <stdexcept>

#include "routing/test_broker.hpp"
#include "tenon/commit_gate.hpp"
#include "tenon/publish_interceptor.hpp"
#include "tenon/testing/forwarding_message_store.hpp"

namespace tenon::kernel {
namespace {

using test::BrokerTest;

class ThrowingInterceptor final : public PublishInterceptor {
 public:
  int order() const noexcept override { return 1; }
  Status intercept(MessageDraft& draft) override {
    if (draft.properties().find("NUMBER")) throw 42;
    if (draft.properties().find("FAILURE")) throw Failure(Error(Errc::no_permission, "not you"));
    if (draft.properties().find("THROW")) throw std::runtime_error("out of luck");
    return {};
  }
};

class ThrowingGate final : public CommitGate {
 public:
  bool is_safe(PhysicalOffset) const noexcept override { return false; }
  void wait_for(PhysicalOffset, std::chrono::steady_clock::time_point, Passed passed) override {
    if (call_first) passed(Status{});
    throw std::runtime_error("the replica is gone");
  }
  bool call_first = false;
};

class ThrowingCompiler final : public FilterCompiler {
 public:
  Result<std::shared_ptr<const CompiledFilter>> compile(std::string_view) const override { throw std::bad_alloc(); }
};

/// Whose deletions throw.
class ThrowingStore final : public testing::ForwardingMessageStore {
 public:
  using ForwardingMessageStore::ForwardingMessageStore;
  Status delete_topic(std::string_view, PhysicalOffset) override { throw std::bad_alloc(); }
};

class PluginFaultsTest : public BrokerTest {
 protected:
  static std::string marked(std::string_view name) {
    std::string wire;
    append_property(wire, name, "1");
    return wire;
  }
  std::map<std::string, std::int64_t> incidents() {
    const auto all = of<Statistics>().incidents();
    return {all.begin(), all.end()};
  }
};

TEST_F(PluginFaultsTest, AThrowingInterceptorRefusesTheMessageOnce) {
  ThrowingInterceptor interceptor;
  services.provide<PublishInterceptor>(interceptor, "stamp");
  open();
  ASSERT_TRUE(send("T"));
  const auto thrown = send("T", marked("THROW"));
  EXPECT_TRUE(thrown.error().is(Errc::internal));
  EXPECT_EQ(thrown.error().message(), "plug-in 'by-stamp' threw while intercepting a message: out of luck");
  EXPECT_TRUE(send("T", marked("NUMBER")).error().is(Errc::internal));
  EXPECT_TRUE(send("T", marked("FAILURE")).error().is(Errc::no_permission)) << "a Failure keeps its code";
  EXPECT_EQ(incidents()["plugin.by-stamp.threw"], 3);
  EXPECT_EQ(store.bounds("T", 0).max.value, 1);
  EXPECT_EQ(producer->outcomes.size(), 4u) << "every publish has exactly one outcome";
}

TEST_F(PluginFaultsTest, AThrowInsideABatchRefusesTheBatch) {
  ThrowingInterceptor interceptor;
  services.provide<PublishInterceptor>(interceptor, "stamp");
  open();
  ASSERT_TRUE(send("T"));
  const std::string good = marked("GOOD"), bad = marked("THROW");
  const std::vector<BatchEntry> entries{{0, good, {}}, {0, bad, {}}};
  of<Publishing>().publish_batch(request_for("T", {}, 0), entries, producer, 77);
  ASSERT_TRUE(producer->outcomes.contains(77));
  EXPECT_TRUE(producer->outcomes.at(77).error().is(Errc::internal));
  EXPECT_EQ(store.bounds("T", 0).max.value, 1) << "nothing of it is stored";
}

TEST_F(PluginFaultsTest, AThrowingGateAnswersStoredButNotSafe) {
  for (const bool call_first : {false, true}) {
    ThrowingGate gate;
    gate.call_first = call_first;
    services.clear();
    services.provide<CommitGate>(gate, "ha");
    open();
    const auto receipt = send("T");
    ASSERT_TRUE(receipt);
    EXPECT_EQ(static_cast<bool>(receipt->degraded), !call_first);
    EXPECT_EQ(incidents()["plugin.by-ha.threw"], 1);
    broker->stop();
    broker.reset();
  }
}

TEST_F(PluginFaultsTest, AThrowingCompilerRefusesThePull) {
  ThrowingCompiler compiler;
  services.provide<FilterCompiler>(compiler, "SQL92");
  open();
  ASSERT_TRUE(send("T"));
  PullRequest request = pull_request("g", "T", 0);
  request.expression_type = "SQL92";
  request.expression = "a > 1";
  const auto token = start_pull(request);
  ASSERT_TRUE(answered(token));
  EXPECT_TRUE(outcome(token).error().is(Errc::internal));
  EXPECT_EQ(incidents()["plugin.by-SQL92.threw"], 1);
}

TEST_F(PluginFaultsTest, ADeletionInWhichTheStoreThrowsIsAnsweredAndTheTopicCanBeMadeAgain) {
  ThrowingStore throwing(store);
  services.provide<MessageStore>(throwing);
  open();
  ASSERT_TRUE(send("T"));
  std::optional<Status> removed;
  of<Topics>().remove("T", [&](const Status& status) { removed = status; });
  host.run();
  ASSERT_TRUE(removed);
  EXPECT_TRUE(removed->error().is(Errc::internal));
  EXPECT_TRUE(send("T"));
}

}  // namespace
}  // namespace tenon::kernel
