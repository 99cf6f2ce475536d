// SPDX-License-Identifier: Apache-2.0
// Topics with batch queues: what of a batch is stored as one record, who is told, and what is refused.
#include "routing/publisher.hpp"
#include "routing/test_broker.hpp"

namespace tenon::kernel {
namespace {

using test::BrokerTest;

class InnerBatchTest : public BrokerTest {
 protected:
  Status make(const std::string& name) {
    TopicConfig topic;
    topic.name = name;
    topic.attributes.emplace(kQueueTypeAttribute, kBatchQueueType);
    Status made = Error(Errc::timed_out, "no answer");
    of<Topics>().put(topic, [&](const Status& done) { made = done; });
    host.run();
    return made;
  }
  /// `raw` stands for the body that the entries come from.
  Result<PublishReceipt> send_batch(std::string_view topic, int messages, std::string_view properties,
                                    std::string_view each = "TAGS\1a\2", std::int32_t flags = 0) {
    const std::vector<BatchEntry> entries(static_cast<std::size_t>(messages),
                                          BatchEntry{0, each, std::as_bytes(std::span(body))});
    PublishRequest request = request_for(topic, properties, 1);
    request.message.body = std::as_bytes(std::span(raw));
    request.message.sys_flag = flags;
    const std::uint64_t token = ++tokens;
    of<Publishing>().publish_batch(request, entries, producer, token);
    host.run();
    return producer->outcomes.at(token);
  }

  const std::string raw = "the batch as the client encoded it";
};

TEST_F(InnerBatchTest, ABatchWithAKeyIsStoredAsOneRecord) {
  open();
  ASSERT_TRUE(make("B"));
  ASSERT_TRUE(send("B", {}, 1)) << "messages alone are taken, too";
  const auto receipt = send_batch("B", 3,
                                  "UNIQ_KEY\1u\2INNER_NUM\1"
                                  "9\2INNER_BASE\1"
                                  "9\2");
  ASSERT_TRUE(receipt) << receipt.error().message();
  EXPECT_EQ(receipt->append.queue_offset.value, 1);
  EXPECT_TRUE(receipt->batch_physical_offsets.empty());
  EXPECT_EQ(store.bounds("B", 1).max.value, 4);
  const StoredMessage stored = store.message_at(receipt->append.physical_offset).value();
  EXPECT_EQ(stored.message.body.size(), raw.size());
  EXPECT_EQ(stored.message.sys_flag & 0xC0, 0xC0);
  const PropertiesView properties(stored.message.properties);
  EXPECT_EQ(properties.find("INNER_NUM"), "3");
  EXPECT_EQ(properties.find("INNER_BASE"), "1");
  EXPECT_EQ(properties.find("UNIQ_KEY"), "u");
  EXPECT_EQ(properties.find("CLUSTER"), config.cluster);
}

TEST_F(InnerBatchTest, ABatchWithoutAKeyIsStoredMessageByMessage) {
  open();
  ASSERT_TRUE(make("B"));
  const auto receipt = send_batch("B", 3, {});
  ASSERT_TRUE(receipt);
  EXPECT_EQ(receipt->batch_physical_offsets.size(), 3U);
  EXPECT_EQ(store.bounds("B", 1).max.value, 3);
}

TEST_F(InnerBatchTest, ABatchForAnyOtherTopicIsStoredMessageByMessage) {
  open();
  ASSERT_TRUE(send("T"));
  EXPECT_EQ(send_batch("T", 2, "UNIQ_KEY\1u\2")->batch_physical_offsets.size(), 2U);
}

TEST_F(InnerBatchTest, WhoWaitsIsToldWhateverTagTheyWaitFor) {
  using namespace std::chrono_literals;
  open();
  ASSERT_TRUE(make("B"));
  PullRequest request = pull_request("g", "B", 0);
  request.queue_id = 1;
  request.expression = "no tag of the record";
  request.expression_type = "TAG";
  request.suspend_timeout = 15s;
  const std::uint64_t token = start_pull(request);
  host.run();
  ASSERT_FALSE(answered(token));
  ASSERT_TRUE(send_batch("B", 3, "UNIQ_KEY\1u\2"));
  host.run();
  ASSERT_TRUE(answered(token));
  ASSERT_TRUE(outcome(token));
  EXPECT_EQ(outcome(token)->read.message_count, 3);
  EXPECT_EQ(outcome(token)->read.next_queue_offset.value, 3);
}

TEST_F(InnerBatchTest, OnlyTheBrokerSaysWhatIsAnInnerBatch) {
  open();
  ASSERT_TRUE(make("B"));
  PublishRequest request = request_for("B",
                                       "INNER_NUM\1"
                                       "2\2",
                                       0);
  EXPECT_TRUE(send(request).error().is(Errc::message_illegal)) << "the number without the flag";
  request.message.sys_flag = sys_flag::inner_batch;
  EXPECT_TRUE(send(request).error().is(Errc::message_illegal));
  EXPECT_TRUE(send_batch("B", 2, "UNIQ_KEY\1u\2", {}, sys_flag::inner_batch).error().is(Errc::message_illegal));
  EXPECT_TRUE(send_batch("B", 2, "UNIQ_KEY\1u\2",
                         "DELAY\1"
                         "3\2")
                  .error()
                  .is(Errc::message_illegal));
  EXPECT_TRUE(send_batch("B", 40'000, "UNIQ_KEY\1u\2").error().is(Errc::message_illegal));
  EXPECT_EQ(store.bounds("B", 0).max.value + store.bounds("B", 1).max.value, 0);
}

TEST_F(InnerBatchTest, ABatchIsNotGivenBackWhole) {
  open();
  ASSERT_TRUE(make("B"));
  SendBackRequest request;
  request.physical_offset = send_batch("B", 2, "UNIQ_KEY\1u\2")->append.physical_offset;
  request.group = "g";
  of<Publishing>().send_back(request, producer, 100);
  host.run();
  EXPECT_TRUE(producer->outcomes.at(100).error().is(Errc::message_illegal));
  EXPECT_EQ(store.bounds("%RETRY%g", 0).max.value, 0);
}

TEST_F(InnerBatchTest, ATopicThatIsMadeAgainHasBatchQueuesAgain) {
  open();
  ASSERT_TRUE(make("B"));
  ASSERT_TRUE(send_batch("B", 2, "UNIQ_KEY\1u\2"));
  of<Topics>().remove("B", [](const Status& removed) { EXPECT_TRUE(removed.has_value()); });
  host.run();
  ASSERT_TRUE(make("B"));
  EXPECT_EQ(send_batch("B", 2, "UNIQ_KEY\1u\2")->append.queue_offset.value, 0);
}

TEST_F(InnerBatchTest, ABatchCountsAsOneCallWithAllItsMessages) {
  open();
  ASSERT_TRUE(make("B"));
  ASSERT_TRUE(send_batch("B", 3, "UNIQ_KEY\1u\2"));
  time.advance(std::chrono::seconds(10));
  const auto counted = of<Statistics>().find("TOPIC_PUT_NUMS", "B");
  ASSERT_TRUE(counted);
  EXPECT_EQ(counted->minute.sum, 3);
  EXPECT_DOUBLE_EQ(counted->minute.average_per_call, 3);
}

TEST_F(InnerBatchTest, NothingIsPreparedForTopicsThatAreTooMany) {
  open();
  config.topics_max = static_cast<std::int32_t>(of<Topics>().list().size());
  broker->stop();
  services = {};
  open();
  EXPECT_TRUE(make("B").error().is(Errc::busy));
  const std::string properties = text(property::inner_num, '\1', 2, '\2');
  Message message = request_for("B", properties, 0).message;
  message.sys_flag = sys_flag::inner_batch;
  const auto appended = store.append(message);
  ASSERT_FALSE(appended) << "the store keeps batches for it";
  EXPECT_TRUE(appended.error().is(Errc::message_illegal));
}

TEST_F(InnerBatchTest, AStoreThatCannotHasNoSuchTopics) {
  batches = nullptr;
  open();
  EXPECT_TRUE(make("B").error().is(Errc::not_supported));
  EXPECT_EQ(of<Topics>().find("B"), nullptr);
}

TEST_F(InnerBatchTest, AStoreIsPreparedForTheTopicsOfTheFileOnceItHasStarted) {
  class Asked final : public BatchQueues {
   public:
    Status keep_batches(std::string_view topic) override {
      topics.emplace_back(topic);
      return {};
    }
    std::vector<std::string> topics;
  };
  open();
  ASSERT_TRUE(make("B"));
  broker->stop();
  broker.reset();
  services = {};
  Asked asked;
  batches = &asked;
  load();
  EXPECT_TRUE(asked.topics.empty()) << "another process may have its directory still";
  broker->start();
  EXPECT_EQ(asked.topics, std::vector<std::string>{"B"});
}

TEST_F(InnerBatchTest, TopicsOfTheFileAreServedWhereTheStoreCan) {
  open();
  ASSERT_TRUE(make("B"));
  broker->stop();
  broker.reset();
  services = {};
  batches = nullptr;
  open();
  EXPECT_TRUE(send("B").error().is(Errc::no_permission)) << "nobody would find the message again";
}

}  // namespace
}  // namespace tenon::kernel
