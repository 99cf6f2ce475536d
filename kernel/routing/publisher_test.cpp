// SPDX-License-Identifier: Apache-2.0
#include "routing/publisher.hpp"

#include <tuple>

#include "routing/test_broker.hpp"

namespace tenon::kernel {
namespace {

using test::BrokerTest;

class PublisherTest : public BrokerTest {
 protected:
  StoredMessage stored(const Result<PublishReceipt>& receipt) {
    return store.message_at(receipt->append.physical_offset).value();
  }
  static std::string entry(std::string_view name, std::string_view value) {
    std::string wire;
    append_property(wire, name, value);
    return wire;
  }
};

/// Writes down what is expected, and how much was stored then.
struct RecordingHints final : AppendHints {
  explicit RecordingHints(const MessageStore& of) : store(of) {}
  void expect(std::string_view topic, std::int32_t queue_id) const noexcept override {
    expected.emplace_back(topic, queue_id, store.status().max_physical_offset.value);
  }
  const MessageStore& store;
  mutable std::vector<std::tuple<std::string, std::int32_t, std::int64_t>> expected;
};

TEST_F(PublisherTest, TellsTheStoreOfAnAppendBeforeItComes) {
  RecordingHints hints(store);
  services.provide<AppendHints>(hints);
  open();
  const std::int64_t end = store.status().max_physical_offset.value;
  ASSERT_TRUE(send("T", {}, 3));
  ASSERT_EQ(hints.expected.size(), 1u);
  EXPECT_EQ(hints.expected[0], std::tuple(std::string("T"), 3, end));
}

TEST_F(PublisherTest, CreatesAnUnknownTopicFromTheTemplateAndTellsTheNameServersFirst) {
  config.name_servers = {"ns1:9876", "ns2:9876"};
  open();
  registrar.answer.reset();
  const std::size_t before = registrar.registered.size();
  const auto early = send("Fresh");
  EXPECT_TRUE(early.error().is(Errc::timed_out)) << "answered before the name servers know the topic";
  ASSERT_EQ(registrar.registered.size(), before + 2);
  EXPECT_EQ(registrar.registered.back().registration.topics.at(0)->name, "Fresh");
  EXPECT_FALSE(registrar.registered.back().registration.complete);
  EXPECT_EQ(store.bounds("Fresh", 0).max.value, 1) << "the append does not wait";
  for (std::size_t call = before; call < before + 2; ++call) registrar.registered[call].done(Status{});
  host.run();
  ASSERT_EQ(producer->outcomes.size(), 1u);
  EXPECT_TRUE(producer->outcomes.begin()->second.has_value());
  const auto topic = of<Topics>().find("Fresh");
  EXPECT_EQ(topic->write_queue_nums, 4);
  EXPECT_EQ(topic->perm, permission::read | permission::write);
}

TEST_F(PublisherTest, RefusesAnUnknownTopicWithoutAutomaticCreation) {
  config.auto_create_topic = false;
  open();
  const auto outcome = send("Nowhere");
  EXPECT_TRUE(outcome.error().is(Errc::topic_not_exist));
  EXPECT_EQ(outcome.error().message().substr(0, 47), "topic[Nowhere] not exist, apply first please!\nS");
}

TEST_F(PublisherTest, RefusesBadNamesQueuesAndTopicsOfItsOwn) {
  open();
  EXPECT_TRUE(send("bad topic!").error().is(Errc::invalid_parameter));
  EXPECT_TRUE(send("SCHEDULE_TOPIC_XXXX").error().is(Errc::no_permission));
  EXPECT_TRUE(send("SELF_TEST_TOPIC").error().is(Errc::no_permission));
  EXPECT_TRUE(send("rmq_sys_wheel_timer").error().is(Errc::no_permission)) << "it would go where REAL_TOPIC says";
  ASSERT_TRUE(send("T"));
  EXPECT_TRUE(send("T", {}, 4).error().is(Errc::invalid_parameter));
  EXPECT_TRUE(send("T", {}, 3));
  EXPECT_TRUE(send("T", {}, -1)) << "a negative queue leaves the choice to the broker";
}

TEST_F(PublisherTest, AddsTheBrokersPropertiesAndKeepsTheOrderOfTheClients) {
  open();
  const auto receipt = send("T", entry("TAGS", "A") +
                                     "UNIQ_KEY\x01"
                                     "42");
  ASSERT_TRUE(receipt);
  EXPECT_EQ(stored(receipt).message.properties, std::string("TAGS\x01"
                                                            "A\x02"
                                                            "UNIQ_KEY\x01"
                                                            "42\x02"
                                                            "MSG_REGION\x01"
                                                            "DefaultRegion\x02"
                                                            "TRACE_ON\x01"
                                                            "true\x02"
                                                            "CLUSTER\x01"
                                                            "DefaultCluster\x02"));
  EXPECT_EQ(receipt->store_host, registrar.advertised_address());
}

TEST_F(PublisherTest, GivesAUniqueKeyToAMessageWithoutOneAndDropsAForeignReceipt) {
  open();
  const auto receipt = send("T", entry("POP_CK", "x") + entry("CLUSTER", "other"));
  ASSERT_TRUE(receipt);
  const PropertiesView properties(stored(receipt).message.properties);
  const StoredMessage kept = stored(receipt);
  const PropertiesView view(kept.message.properties);
  EXPECT_FALSE(view.find("POP_CK"));
  EXPECT_EQ(view.find("CLUSTER"), "DefaultCluster");
  EXPECT_EQ(view.find("UNIQ_KEY").value_or("").size(), 32u);
}

TEST_F(PublisherTest, RefusesWhatNoLoadedPlugInOffers) {
  open();
  for (const auto& properties : {entry("TRAN_MSG", "True"), entry("DELAY", "3"), entry("TIMER_DELAY_SEC", "10"),
                                 entry("TIMER_DELIVER_MS", "1")}) {
    const auto outcome = send("T", properties);
    ASSERT_FALSE(outcome);
    EXPECT_TRUE(outcome.error().is(Errc::not_supported)) << outcome.error().message();
  }
  EXPECT_TRUE(send("T", entry("DELAY", "0")));
}

TEST_F(PublisherTest, RefusesTooMuch) {
  config.message_size_max_bytes = 1024;
  open();
  body = std::string(1025, 'x');
  EXPECT_TRUE(send("T").error().is(Errc::message_illegal));
  body = "x";
  EXPECT_TRUE(send("T", entry("big", std::string(32'767, 'p'))).error().is(Errc::message_illegal));
  EXPECT_TRUE(send("T"));
}

TEST_F(PublisherTest, StoresABatchAsRecordsOfTheirOwn) {
  open();
  const std::string first = entry("UNIQ_KEY", "1"), second = entry("UNIQ_KEY", "2");
  const std::vector<BatchEntry> entries{{0, first, std::as_bytes(std::span(body))},
                                        {7, second, std::as_bytes(std::span(body))}};
  const auto request = request_for("T", {}, 1);
  of<Publishing>().publish_batch(request, entries, producer, 1);
  host.run();
  const Result<PublishReceipt>& receipt = producer->outcomes.at(1);
  ASSERT_TRUE(receipt);
  EXPECT_EQ(receipt->append.queue_offset.value, 0);
  ASSERT_EQ(receipt->batch_physical_offsets.size(), 2u);
  const StoredMessage last = store.message_at(receipt->batch_physical_offsets[1]).value();
  EXPECT_EQ(last.message.flag, 7);
  EXPECT_EQ(last.message.properties, second) << "nothing is added to messages of a batch";
  EXPECT_EQ(last.queue_offset.value, 1);
}

/// To the store zeros at the end of the log's last properties are what a power failure has left.
TEST_F(PublisherTest, StoresNoPropertiesThatEndInZeros) {
  open();
  const std::string zeros("KEYS\x01k\0\0", 8), long_zeros(32'767, '\0');
  BatchEntry sent{0, zeros, std::as_bytes(std::span(body))};
  of<Publishing>().publish_batch(request_for("T", {}, 1), {&sent, 1}, producer, 1);
  sent.properties = long_zeros;
  of<Publishing>().publish_batch(request_for("T", {}, 1), {&sent, 1}, producer, 2);
  host.run();
  ASSERT_TRUE(producer->outcomes.at(1));
  EXPECT_EQ(stored(producer->outcomes.at(1)).message.properties, zeros + '\x02');
  EXPECT_TRUE(producer->outcomes.at(2).error().is(Errc::message_illegal)) << "there is no room to close them";
  Message delivered;
  delivered.topic = "T";
  delivered.properties = zeros;
  const auto receipt = of<MessageDelivery>().deliver(delivered, {});
  ASSERT_TRUE(receipt);
  EXPECT_EQ(store.message_at(receipt->physical_offset)->message.properties, zeros + '\x02');
  delivered.properties = long_zeros;
  EXPECT_TRUE(of<MessageDelivery>().deliver(delivered, {})) << "it was accepted once";
}

/// Tells of each message to T.
class Auditor final : public PublishInterceptor {
 public:
  int order() const noexcept override { return 10; }
  Status intercept(MessageDraft& draft) override {
    if (draft.message().topic == "T") tell();
    return {};
  }
  std::function<void()> tell;
};

TEST_F(PublisherTest, AnInterceptorMayPublishABatchWhileItSeesOne) {
  Auditor auditor;
  services.provide<PublishInterceptor>(auditor);
  open();
  const std::vector<BatchEntry> entries(3, BatchEntry{0, {}, std::as_bytes(std::span(body))});
  std::uint64_t notes = 1;
  auditor.tell = [&] {
    of<Publishing>().publish_batch(request_for("Audit", {}, 0), std::span(entries).first(1), producer, ++notes);
  };
  of<Publishing>().publish_batch(request_for("T", {}, 1), entries, producer, 1);
  host.run();
  ASSERT_TRUE(producer->outcomes.at(1));
  EXPECT_EQ(producer->outcomes.at(1)->batch_physical_offsets.size(), 3u);
  EXPECT_EQ(store.bounds("T", 1).max.value, 3);
  EXPECT_EQ(store.bounds("Audit", 0).max.value, 3);
}

TEST_F(PublisherTest, AnInterceptorMayPublishWhileItSeesAMessage) {
  Auditor auditor;
  services.provide<PublishInterceptor>(auditor);
  open();
  const std::string outer = entry("KEYS", "the message"), inner = entry("KEYS", "a note of it, which is longer");
  auditor.tell = [&] { of<Publishing>().publish(request_for("Audit", inner, 0), producer, 2); };
  of<Publishing>().publish(request_for("T", outer, 1), producer, 1);
  host.run();
  for (const auto& [token, keys] : {std::pair{1, "the message"}, std::pair{2, "a note of it, which is longer"}}) {
    ASSERT_TRUE(producer->outcomes.at(static_cast<std::uint64_t>(token)));
    const StoredMessage message = stored(producer->outcomes.at(static_cast<std::uint64_t>(token)));
    EXPECT_EQ(PropertiesView(message.message.properties).find(property::keys), keys);
  }
}

TEST_F(PublisherTest, RefusesABatchOfManySmallMessagesThatIsTooLargeAsAWhole) {
  config.message_size_max_bytes = 1024;
  open();
  body = "x";
  const std::vector<BatchEntry> entries(45, BatchEntry{0, {}, std::as_bytes(std::span(body))});
  of<Publishing>().publish_batch(request_for("T", {}, 0), std::span(entries).first(44), producer, 1);
  of<Publishing>().publish_batch(request_for("T", {}, 0), entries, producer, 2);
  host.run();
  EXPECT_TRUE(producer->outcomes.at(1)) << "44 * 23 bytes fit";
  ASSERT_FALSE(producer->outcomes.at(2));
  EXPECT_TRUE(producer->outcomes.at(2).error().is(Errc::message_illegal));
}

TEST_F(PublisherTest, RefusesBatchesThatCannotBe) {
  open();
  const std::vector<BatchEntry> entries{{0, {}, std::as_bytes(std::span(body))}};
  const std::string delayed = entry("DELAY", "1");
  of<Publishing>().publish_batch(request_for("%RETRY%g", {}, 0), entries, producer, 1);
  of<Publishing>().publish_batch(request_for("T", delayed, 0), entries, producer, 2);
  of<Publishing>().publish_batch(request_for("T", {}, 0), {}, producer, 3);
  for (const std::uint64_t token : {1u, 2u, 3u})
    EXPECT_TRUE(producer->outcomes.at(token).error().is(Errc::message_illegal));
}

TEST_F(PublisherTest, DivertsAnExhaustedRetryToTheDeadLetters) {
  open();
  const std::string delay = entry("DELAY", "3");
  PublishRequest request = request_for("%RETRY%g", delay, 0);
  request.message.reconsume_times = 2;
  request.max_reconsume_times = 2;
  ASSERT_TRUE(send(request)) << "a retry with a delay level is delivered at once";
  EXPECT_EQ(store.bounds("%RETRY%g", 0).max.value, 1);
  request.message.reconsume_times = 3;
  const auto dead = send(request);
  ASSERT_TRUE(dead);
  EXPECT_EQ(store.bounds("%DLQ%g", 0).max.value, 1);
  const StoredMessage kept = stored(dead);
  EXPECT_EQ(PropertiesView(kept.message.properties).find("DELAY"), "-1");
}

TEST_F(PublisherTest, DivertsRetriesOfAGroupThatConsumesOrderly) {
  open();
  ASSERT_TRUE(send("T"));
  ASSERT_EQ(of<QueueLocks>().lock("g", "client", {{"T", "broker-a", 0}}).size(), 1u);
  ASSERT_TRUE(send("%RETRY%g"));
  EXPECT_EQ(store.bounds("%DLQ%g", 0).max.value, 1);
}

TEST_F(PublisherTest, RefusesARetryOfAnUnknownGroup) {
  config.auto_create_subscription_group = false;
  open();
  EXPECT_TRUE(send("%RETRY%nobody").error().is(Errc::subscription_group_not_exist));
}

TEST_F(PublisherTest, SendBackMakesARetryThatKnowsItsOrigin) {
  open();
  const auto original = send("T", entry("TAGS", "A") + entry("UNIQ_KEY", "u"), 2);
  ASSERT_TRUE(original);
  SendBackRequest request;
  request.group = "g";
  request.physical_offset = original->append.physical_offset;
  of<Publishing>().send_back(request, producer, 100);
  host.run();
  ASSERT_TRUE(producer->outcomes.at(100));
  const StoredMessage retry = stored(producer->outcomes.at(100));
  EXPECT_EQ(retry.message.topic, "%RETRY%g");
  EXPECT_EQ(retry.message.reconsume_times, 1);
  const PropertiesView properties(retry.message.properties);
  EXPECT_EQ(properties.find("RETRY_TOPIC"), "T");
  EXPECT_EQ(properties.find("DELAY"), "3");
  EXPECT_EQ(properties.find("WAIT"), "false");
  EXPECT_EQ(properties.find("ORIGIN_MESSAGE_ID").value_or("").substr(0, 16), "7F00000100002A9F");
  // The next time it comes back it still names the first topic and the first id.
  request.physical_offset = retry.physical_offset;
  of<Publishing>().send_back(request, producer, 101);
  const StoredMessage second = stored(producer->outcomes.at(101));
  EXPECT_EQ(PropertiesView(second.message.properties).find("RETRY_TOPIC"), "T");
  EXPECT_EQ(PropertiesView(second.message.properties).find("DELAY"), "4");
  EXPECT_EQ(PropertiesView(second.message.properties).find("ORIGIN_MESSAGE_ID"), properties.find("ORIGIN_MESSAGE_ID"));
  EXPECT_EQ(second.message.reconsume_times, 2);
}

TEST_F(PublisherTest, SendBackDoesNotBringOutWhatWaits) {
  open();
  const std::string properties = entry("REAL_TOPIC", "T");
  const Message waiting = request_for("SCHEDULE_TOPIC_XXXX", properties, 2).message;
  const auto stored = of<MessageDelivery>().deliver(waiting, {});
  ASSERT_TRUE(stored);
  SendBackRequest request;
  request.group = "g";
  for (const PhysicalOffset offset : {stored->physical_offset, PhysicalOffset{-1}, PhysicalOffset{INT64_MAX}}) {
    request.physical_offset = offset;
    of<Publishing>().send_back(request, producer, ++tokens);
    host.run();
    EXPECT_TRUE(producer->outcomes.at(tokens).error().is(Errc::internal)) << offset.value;
  }
  EXPECT_EQ(store.bounds("%RETRY%g", 0).max.value, 0);
}

TEST_F(PublisherTest, SendBackEndsInTheDeadLetters) {
  open();
  const auto original = send("T");
  SendBackRequest request;
  request.group = "g";
  request.physical_offset = original->append.physical_offset;
  request.max_reconsume_times = 0;
  of<Publishing>().send_back(request, producer, 100);
  request.max_reconsume_times = -1;
  request.delay_level = -1;
  of<Publishing>().send_back(request, producer, 101);
  EXPECT_EQ(store.bounds("%DLQ%g", 0).max.value, 2);
  request.physical_offset = PhysicalOffset{999'999};
  request.delay_level = 0;
  of<Publishing>().send_back(request, producer, 102);
  EXPECT_TRUE(producer->outcomes.at(102).error().is(Errc::internal));
}

TEST_F(PublisherTest, ADrainingBrokerTakesNothingNew) {
  open();
  broker->drain(std::chrono::steady_clock::now());
  EXPECT_TRUE(send("T").error().is(Errc::shutting_down));
  EXPECT_EQ(registrar.unregistered.size(), 0u) << "no name server is configured";
}

TEST_F(PublisherTest, PassesOnWhyTheStoreRefuses) {
  open();
  ASSERT_TRUE(send("T"));
  store.refuse_writes("disk full");
  EXPECT_TRUE(send("T").error().is(Errc::service_not_available));
  EXPECT_EQ(of<Statistics>().totals().put_failed_total, 1);
  EXPECT_EQ(of<Statistics>().totals().messages_put_total, 1);
}

/// Holds everything until the test opens it.
class ManualGate final : public CommitGate {
 public:
  bool is_safe(PhysicalOffset) const noexcept override { return false; }
  void wait_for(PhysicalOffset end, std::chrono::steady_clock::time_point, Passed passed) override {
    ends.push_back(end);
    waiting.push_back(passed);
  }
  std::vector<PhysicalOffset> ends;
  std::vector<Passed> waiting;
};

TEST_F(PublisherTest, WaitsForTheGatesUnlessTheSenderDoesNotCare) {
  ManualGate gate;
  services.provide<CommitGate>(gate);
  open();
  EXPECT_TRUE(send("T").error().is(Errc::timed_out));
  ASSERT_EQ(gate.waiting.size(), 1u);
  gate.waiting[0](Error(Errc::flush_disk_timeout, "slow"));
  host.run();
  ASSERT_EQ(producer->outcomes.size(), 1u);
  EXPECT_EQ(producer->outcomes.begin()->second->degraded, make_error_code(Errc::flush_disk_timeout));
  EXPECT_TRUE(send("T", entry("WAIT", "false")));
}

TEST_F(PublisherTest, OfAFailedFlushAndFailedReplicasItTellsOfTheReplicas) {
  ManualGate flush, replicas;
  services.provide<CommitGate>(flush, "store");
  services.provide<CommitGate>(replicas, "ha");
  open();
  const Error late_flush(Errc::flush_disk_timeout, "slow"), late_slave(Errc::flush_slave_timeout, "slow");
  for (const bool flush_first : {true, false}) {
    producer->outcomes.clear();
    EXPECT_TRUE(send("T").error().is(Errc::timed_out));
    ASSERT_FALSE(flush.waiting.empty());
    (flush_first ? flush : replicas).waiting.back()(flush_first ? late_flush : late_slave);
    host.run();
    EXPECT_TRUE(producer->outcomes.empty()) << "the other gate is still to be heard";
    (flush_first ? replicas : flush).waiting.back()(flush_first ? late_slave : late_flush);
    host.run();
    ASSERT_EQ(producer->outcomes.size(), 1u);
    EXPECT_EQ(producer->outcomes.begin()->second->degraded, make_error_code(Errc::flush_slave_timeout));
  }
}

TEST_F(PublisherTest, WhatFollowsTheFirstOfATurnAsksAGateOnceAndForAllOfIt) {
  ManualGate gate;
  services.provide<CommitGate>(gate);
  open();
  EXPECT_TRUE(send("T").error().is(Errc::timed_out));  // settles the topic
  gate.waiting.clear();
  const PublishRequest request = request_for("T", {}, 0);
  const std::uint64_t first = tokens + 1;
  boost::asio::post(host.context, [&] {
    for (int count = 0; count < 4; ++count) of<Publishing>().publish(request, producer, ++tokens);
    EXPECT_EQ(gate.waiting.size(), 1u) << "the first could be alone; after it more may come in this turn";
  });
  host.run();
  ASSERT_EQ(gate.waiting.size(), 2u);
  EXPECT_TRUE(producer->outcomes.empty());
  EXPECT_TRUE(send("T").error().is(Errc::timed_out));
  EXPECT_EQ(gate.waiting.size(), 3u) << "the next turn waits for itself";
  gate.waiting[1](Status{});
  host.run();
  ASSERT_EQ(producer->outcomes.size(), 3u);
  for (std::uint64_t token = first + 1; token < first + 4; ++token) {
    ASSERT_TRUE(producer->outcomes.contains(token));
    EXPECT_FALSE(producer->outcomes.at(token)->degraded);
  }
  EXPECT_EQ(gate.ends[2], producer->outcomes.at(first + 3)->append.physical_end);
  gate.waiting[0](Status{});
  host.run();
  ASSERT_TRUE(producer->outcomes.contains(first));
  EXPECT_EQ(gate.ends[1], producer->outcomes.at(first)->append.physical_end);
}

/// Moves a delayed message to a topic of its own, as a plug-in that delays does.
class Mover final : public PublishInterceptor {
 public:
  int order() const noexcept override { return 1000; }
  Status intercept(MessageDraft& draft) override {
    if (!draft.properties().find("DELAY")) return {};
    draft.set_property("REAL_TOPIC", draft.message().topic);
    draft.set_topic("SCHEDULE_TOPIC_XXXX");
    return {};
  }
};

TEST_F(PublisherTest, AnInterceptorTakesOverWhatTheKernelAloneRefuses) {
  Mover mover;
  services.provide<PublishInterceptor>(mover);
  open();
  const auto receipt = send("T", entry("DELAY", "3"));
  ASSERT_TRUE(receipt) << receipt.error().message();
  EXPECT_EQ(stored(receipt).message.topic, "SCHEDULE_TOPIC_XXXX");
  EXPECT_TRUE(send("T", entry("TRAN_MSG", "true")).error().is(Errc::not_supported));
}

TEST_F(PublisherTest, AStoreThatRefusesWritesIsSeenInTheHealthState) {
  open();
  store.refuse_writes("the disk is 97 % full");
  EXPECT_TRUE(send("T").error().is(Errc::service_not_available));
  time.advance(std::chrono::seconds(10));
  ASSERT_EQ(host.degraded.size(), 1u);
  EXPECT_EQ(host.degraded.begin()->second, "the disk is 97 % full");
  store.refuse_writes("");
  time.advance(std::chrono::seconds(10));
  EXPECT_TRUE(host.degraded.empty());
}

}  // namespace
}  // namespace tenon::kernel
