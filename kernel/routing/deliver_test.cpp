// SPDX-License-Identifier: Apache-2.0
#include "routing/test_broker.hpp"
#include "tenon/message_delivery.hpp"
#include "tenon/publish_interceptor.hpp"
#include "tenon/system_topic.hpp"

namespace tenon::kernel {
namespace {

std::string entry(std::string_view name, std::string_view value) {
  std::string wire;
  append_property(wire, name, value);
  return wire;
}

/// Sends what is of its kind to its own topic.
class Diverter final : public PublishInterceptor, public SystemTopic {
 public:
  Diverter(int order, std::uint32_t kinds) : order_(order), kinds_(kinds) {}
  int order() const noexcept override { return order_; }
  std::uint32_t handles() const noexcept override { return kinds_; }
  Status intercept(MessageDraft& draft) override {
    ++seen;
    if (draft.message().topic == "Refused") return Error(Errc::message_illegal, "not this one");
    if (let_pass) return {};
    draft.set_property("REAL_TOPIC", draft.message().topic);
    draft.set_topic("rmq_sys_own");
    draft.set_queue_id(2);
    draft.set_recall_handle("handle");
    return {};
  }
  std::int32_t queue_nums() const noexcept override { return 3; }
  void appended(const Message& message, const AppendReceipt& receipt) noexcept override {
    appends.emplace_back(message.queue_id, receipt.queue_offset.value);
  }

  int seen = 0;
  bool let_pass = false;
  std::vector<std::pair<std::int32_t, std::int64_t>> appends;

 private:
  const int order_;
  const std::uint32_t kinds_;
};

class DeliverTest : public test::BrokerTest {
 protected:
  void open_with(Diverter& diverter) {
    services.provide<PublishInterceptor>(diverter);
    services.provide<SystemTopic>(diverter, "rmq_sys_own");
    open();
  }
  Message message(std::string_view topic, std::string_view properties = {}) {
    Message made = request_for(topic, properties, 0).message;
    return made;
  }
  Result<AppendReceipt> deliver(const Message& message, const DeliveryOptions& options = {}) {
    Result<AppendReceipt> receipt = of<MessageDelivery>().deliver(message, options);
    host.run();
    return receipt;
  }
  Diverter delay{2000, message_kind::delayed};
};

TEST_F(DeliverTest, AnInterceptorOfAKindSeesThatKindOnlyAndTellsTheProducerAHandle) {
  open_with(delay);
  const auto plain = send("T");
  ASSERT_TRUE(plain);
  EXPECT_EQ(plain->recall_handle, nullptr);
  EXPECT_EQ(delay.seen, 0);
  const auto delayed = send("T", entry("DELAY", "3"));
  ASSERT_TRUE(delayed) << delayed.error().message();
  EXPECT_EQ(delay.seen, 1);
  ASSERT_NE(delayed->recall_handle, nullptr);
  EXPECT_EQ(*delayed->recall_handle, "handle");
  EXPECT_EQ(delayed->queue_id, 0) << "the producer is told the queue it asked for";
  EXPECT_EQ(store.bounds("rmq_sys_own", 2).max.value, 1);
  EXPECT_EQ(store.bounds("T", 0).max.value, 1);
  EXPECT_EQ(delay.appends, (std::vector<std::pair<std::int32_t, std::int64_t>>{{2, 0}}));
}

TEST_F(DeliverTest, WhatAnInterceptorTakesCareOfIsStoredEvenIfItLetsItPass) {
  delay.let_pass = true;
  open_with(delay);
  EXPECT_TRUE(send("T", entry("TIMER_DELIVER_MS", "1"))) << "due already";
  EXPECT_TRUE(send("T", entry("TRAN_MSG", "true")).error().is(Errc::not_supported)) << "nobody's kind";
}

TEST_F(DeliverTest, APreparedMessageIsRefusedWithItsDelayWhenNobodyServesTransactions) {
  open_with(delay);
  const std::string properties = entry("TRAN_MSG", "true") + entry("DELAY", "3");
  EXPECT_TRUE(send("T", properties).error().is(Errc::not_supported));
  EXPECT_EQ(store.bounds("rmq_sys_own", 2).max.value, 0) << "it would be delivered without a commit";
  EXPECT_TRUE(send("%RETRY%G", properties)) << "a retry of what was committed";
}

TEST_F(DeliverTest, TheTopicOfAPlugInExists) {
  open_with(delay);
  const auto topic = of<Topics>().find("rmq_sys_own");
  ASSERT_NE(topic, nullptr);
  EXPECT_EQ(topic->write_queue_nums, 3);
  EXPECT_EQ(topic->perm, permission::read | permission::write);
}

TEST_F(DeliverTest, OnlyItsPlugInWritesToIt) {
  open_with(delay);
  const auto sent = send("rmq_sys_own");
  ASSERT_FALSE(sent);
  EXPECT_TRUE(sent.error().is(Errc::no_permission)) << sent.error().message();
}

TEST_F(DeliverTest, StoresWhatItIsGivenAndWakesThePullThatWaits) {
  open();
  ASSERT_TRUE(send("T"));
  PullRequest request = pull_request("G", "T", 1);
  request.suspend_timeout = std::chrono::seconds(20);
  const std::uint64_t token = start_pull(request);
  ASSERT_FALSE(answered(token));
  const std::string properties = entry("DELAY", "3") + entry("TRAN_MSG", "true");
  Message due = message("T", properties);
  due.reconsume_times = 7;
  const auto receipt = deliver(due);
  ASSERT_TRUE(receipt) << receipt.error().message();
  host.run();
  EXPECT_TRUE(answered(token));
  const auto stored = store.message_at(receipt->physical_offset).value();
  EXPECT_EQ(stored.message.properties, properties) << "no properties of the broker are added";
  EXPECT_EQ(stored.message.reconsume_times, 7);
  EXPECT_EQ(stored.message.store_host, registrar.advertised_address());
  EXPECT_TRUE(of<MessageDelivery>().is_safe(receipt->physical_end));
  EXPECT_EQ(of<Statistics>().totals().messages_put_total, 2);
}

TEST_F(DeliverTest, StoresWhatIsLargerThanNewMessagesMayBe) {
  config.message_size_max_bytes = 4;
  open();
  EXPECT_TRUE(send("T").error().is(Errc::message_illegal));
  EXPECT_TRUE(deliver(message("T"))) << "it was accepted when the limit was another";
}

TEST_F(DeliverTest, MakesTopicsThatTheBrokerMakesAndNoOthers) {
  open();
  for (const char* topic : {"%RETRY%G", "%DLQ%G", "TRANS_CHECK_MAX_TIME_TOPIC"}) {
    ASSERT_TRUE(deliver(message(topic)));
    ASSERT_NE(of<Topics>().find(topic), nullptr) << topic;
    EXPECT_EQ(of<Topics>().find(topic)->write_queue_nums, 1);
  }
  ASSERT_TRUE(deliver(message("Deleted")));
  EXPECT_EQ(of<Topics>().find("Deleted"), nullptr);
  EXPECT_EQ(store.bounds("Deleted", 0).max.value, 1) << "kept, as RocketMQ keeps it";
}

TEST_F(DeliverTest, ShowsAMessageToTheInterceptorsBehindTheOneThatAsks) {
  Diverter transaction{1000, message_kind::transactional};
  services.provide<PublishInterceptor>(transaction);
  open_with(delay);
  const std::string properties = entry("TRAN_MSG", "true") + entry("DELAY", "3");
  ASSERT_TRUE(deliver(message("T", properties), {.interceptors_after = 1000}));
  EXPECT_EQ(transaction.seen, 0);
  EXPECT_EQ(delay.seen, 1);
  EXPECT_EQ(delay.appends.size(), 1u);
  EXPECT_EQ(store.bounds("rmq_sys_own", 2).max.value, 1);
  const auto refused = deliver(message("Refused", properties), {.interceptors_after = 1000});
  EXPECT_TRUE(refused.error().is(Errc::message_illegal));
}

TEST_F(DeliverTest, RefusesADelayThatNobodyServesButOnlyWhereInterceptorsAreAsked) {
  Diverter transaction{1000, message_kind::transactional};
  services.provide<PublishInterceptor>(transaction);
  open();
  const std::string delayed = entry("DELAY", "3");
  EXPECT_TRUE(send("T", delayed + entry("TRAN_MSG", "true")).error().is(Errc::not_supported));
  EXPECT_TRUE(deliver(message("T", delayed), {.interceptors_after = 1000}).error().is(Errc::not_supported));
  EXPECT_TRUE(deliver(message("%RETRY%g", delayed), {.interceptors_after = 1000})) << "a retry comes at once";
  EXPECT_TRUE(deliver(message("T", delayed))) << "what was delayed keeps its property";
}

TEST_F(DeliverTest, SaysWhyTheStoreRefusesAndGoesOnWhileTheKernelDrains) {
  open();
  broker->drain(std::chrono::steady_clock::now());
  EXPECT_TRUE(send("T").error().is(Errc::shutting_down));
  EXPECT_TRUE(deliver(message("T"))) << "plug-ins finish their work in drain()";
  store.refuse_writes("the disk is full");
  EXPECT_TRUE(deliver(message("T")).error().is(Errc::service_not_available));
}

}  // namespace
}  // namespace tenon::kernel
