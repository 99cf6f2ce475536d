// SPDX-License-Identifier: Apache-2.0
// What the plug-in does beyond the contract: RocketMQ's bytes, its own ways with immunity, absent producers, memory.
#include <gmock/gmock.h>

#include "names.hpp"
#include "record/record_encoder.hpp"
#include "tenon/testing/transaction_test_broker.hpp"
#include "test_plugin.hpp"

namespace tenon::transaction {
namespace {

using std::chrono::seconds;
using ::testing::ElementsAre;
using ::testing::IsEmpty;
using testing::ReceivedCheck;
using testing::TransactionTestBroker;

constexpr auto kCommit = TransactionDecision::commit;
constexpr auto kRollback = TransactionDecision::rollback;

class TransactionTest : public ::testing::Test {
 protected:
  AppendReceipt prepare(const std::string& key, const std::string& properties = {}) {
    return broker().prepare("Orders", 1, "g", key, properties).value();
  }
  Status end(const AppendReceipt& half, TransactionDecision decision, bool from_check = false) {
    return broker().end("g", half.queue_offset, half.physical_offset, decision, from_check);
  }
  std::vector<ReceivedCheck> checks_after(std::chrono::milliseconds wall) {
    broker().pass(wall);
    return broker().take_checks();
  }
  TransactionTestBroker& broker() {
    if (!broker_) broker_ = std::make_unique<TransactionTestBroker>(testing::make_transaction_plugin, settings);
    return *broker_;
  }
  std::vector<std::string> half_properties() {
    std::vector<std::string> all;
    for (const StoredMessage& half : broker().messages(kHalfTopic)) all.emplace_back(half.message.properties);
    return all;
  }
  std::map<std::string, std::string> settings = testing::kQuickChecks;

 private:
  std::unique_ptr<TransactionTestBroker> broker_;
};

TEST_F(TransactionTest, AHalfMessageIsStoredAsRocketMqDoes) {
  prepare("k", "WAIT\1true\2");
  const auto halves = broker().messages(kHalfTopic);
  ASSERT_EQ(halves.size(), 1U);
  EXPECT_EQ(halves[0].message.sys_flag, 0);
  EXPECT_EQ(halves[0].message.properties,
            "WAIT\1true\2TRAN_MSG\1true\2PGROUP\1g\2UNIQ_KEY\1k\2__transactionId__\1k\2REAL_TOPIC\1Orders\2REAL_QID\1"
            "1\2");
}

TEST_F(TransactionTest, ACommittedMessageIsStoredAsRocketMqDoes) {
  const AppendReceipt half = prepare("k");
  ASSERT_TRUE(end(half, kCommit));
  const auto stored = broker().messages("Orders", 1);
  ASSERT_EQ(stored.size(), 1U);
  EXPECT_EQ(stored[0].message.sys_flag, 8);
  EXPECT_EQ(stored[0].message.prepared_transaction_offset, half.physical_offset);
  EXPECT_EQ(stored[0].message.properties, "TRAN_MSG\1true\2PGROUP\1g\2UNIQ_KEY\1k\2__transactionId__\1k\2");
  EXPECT_THAT(broker().bodies(kOpTopic), ElementsAre("0,"));
}

TEST_F(TransactionTest, ACheckCountsInTheHalfMessageThatIsStoredAgain) {
  broker().connect_producer("g");
  prepare("k");
  EXPECT_EQ(checks_after(seconds(7)).size(), 1U);
  EXPECT_EQ(checks_after(seconds(1)).size(), 1U) << "once asked about, in every round";
  const auto halves = half_properties();
  ASSERT_EQ(halves.size(), 3U);
  EXPECT_EQ(PropertiesView(halves[1]).find(property::check_times), "1");
  EXPECT_EQ(PropertiesView(halves[2]).find(property::check_times), "2");
  EXPECT_EQ(PropertiesView(halves[2]).find(property::first_half_offset), "0");
  EXPECT_EQ(broker().saved_offset(kGroup, kHalfTopic), QueueOffset{2});
}

TEST_F(TransactionTest, ImmunityPutsTheFirstCheckOffWithoutStoringAgain) {
  broker().connect_producer("g");
  prepare("k", "CHECK_IMMUNITY_TIME_IN_SECONDS\001100\2");
  EXPECT_THAT(checks_after(seconds(99)), IsEmpty());
  EXPECT_EQ(half_properties().size(), 1U);
  EXPECT_EQ(checks_after(seconds(2)).size(), 1U);
  EXPECT_EQ(PropertiesView(half_properties().at(1)).find(property::check_times), "1");
}

TEST_F(TransactionTest, ASendersOwnWordAfterTheImmunityIsTooLate) {
  const AppendReceipt half = prepare("k", "CHECK_IMMUNITY_TIME_IN_SECONDS\00110\2");
  broker().pass(seconds(11));
  const Status late = end(half, kCommit);
  ASSERT_FALSE(late);
  EXPECT_TRUE(late.error().is(Errc::illegal_operation));
  EXPECT_TRUE(end(half, kCommit, true));
}

TEST_F(TransactionTest, AnUnreadableImmunityIsTheUsualTimeOut) {
  broker().connect_producer("g");
  prepare("a", "CHECK_IMMUNITY_TIME_IN_SECONDS\1soon\2");
  prepare("b", "CHECK_IMMUNITY_TIME_IN_SECONDS\1-1\2");
  EXPECT_THAT(checks_after(seconds(5)), IsEmpty());
  EXPECT_EQ(checks_after(seconds(2)).size(), 2U);
}

TEST_F(TransactionTest, AQuestionThatNobodyHearsDoesNotCount) {
  prepare("k");
  for (int round = 0; round < 30; ++round) broker().pass(seconds(60));
  EXPECT_EQ(half_properties().size(), 1U);
  EXPECT_GE(broker().coordinator().totals().checks_unheard, 20);
  EXPECT_EQ(broker().coordinator().totals().discarded, 0);
  broker().connect_producer("g");
  EXPECT_EQ(checks_after(seconds(60)).size(), 1U);
}

TEST_F(TransactionTest, WhatIsTooOldIsGivenUp) {
  settings["age_max"] = "1h";
  prepare("k");
  broker().pass(seconds(60));
  EXPECT_EQ(broker().coordinator().totals().pending, 1);
  broker().pass(std::chrono::hours(1));
  EXPECT_EQ(broker().coordinator().totals().pending, 0);
  EXPECT_THAT(broker().bodies(kDiscardTopic), ElementsAre("k"));
}

TEST_F(TransactionTest, ARecordMadeUpInABodyEndsNothing) {
  const AppendReceipt victim = prepare("victim");
  // It names the victim's place in the half topic, a group of its own, and a topic that no client may write to.
  Message forged;
  forged.topic = kHalfTopic;
  const std::string body = "0,1,2,";
  forged.body = std::as_bytes(std::span(body));
  forged.properties = "PGROUP\1thief\2TAGS\1d\2REAL_TOPIC\1RMQ_SYS_TRANS_OP_HALF_TOPIC\2REAL_QID\0010\2";
  std::vector<std::byte> record(record::encoded_size(forged));
  record::encode(forged, record.data());
  Message carrier;
  carrier.topic = "Thiefs";
  carrier.body = record;
  constexpr std::int64_t behind_the_body = 1 + 6 + 2;  // the topic and its length, the length of no properties
  const std::int64_t begin = broker().store().status().max_physical_offset.value;
  const auto carrier_end = begin + static_cast<std::int64_t>(record::encoded_size(carrier));
  const PhysicalOffset inside{carrier_end - behind_the_body - static_cast<std::int64_t>(record.size())};
  record::patch(record.data(), {victim.queue_offset, inside, broker().now_ms()}, false);
  ASSERT_TRUE(broker().store().append(carrier));
  ASSERT_TRUE(broker().store().message_at(inside)) << "the forgery must look like a record";
  EXPECT_FALSE(broker().end("thief", victim.queue_offset, inside, kCommit));
  EXPECT_TRUE(broker().coordinator().resume_check(inside).error().is(Errc::query_not_found));
  EXPECT_THAT(broker().bodies(kOpTopic), IsEmpty());
  EXPECT_TRUE(end(victim, kCommit));
}

TEST_F(TransactionTest, AnOpRecordThatNamesWhatIsNotThereCostsNothingAtAStart) {
  const AppendReceipt half = prepare("k");
  const std::string body = "1,9223372036854775806,";
  Message op;
  op.topic = kOpTopic;
  op.properties = "TAGS\1d\2";
  op.body = std::as_bytes(std::span(body));
  ASSERT_TRUE(broker().store().append(op));
  broker().crash_and_restart();
  EXPECT_EQ(broker().coordinator().totals().pending, 1);
  EXPECT_TRUE(end(half, kCommit));
  EXPECT_TRUE(end(prepare("next"), kCommit)) << "number 1 came after the op record that names it";
}

TEST_F(TransactionTest, PropertiesWithoutRoomForTheCountOfChecksDoNotStopTheChecksOfOthers) {
  broker().connect_producer("g");
  constexpr std::size_t others = 83;  // what the producer and the broker put beside it
  prepare("k", "X\1" + std::string(32'767 - others - 13, 'x') + "\2");
  prepare("behind");
  EXPECT_EQ(checks_after(seconds(7)).size(), 1U);
  EXPECT_THAT(broker().bodies(kDiscardTopic), ElementsAre("k")) << "nobody can be asked about it";
}

TEST_F(TransactionTest, ProgressIsSavedOnlyWhenTheDiskHoldsTheEndsItCounts) {
  broker().connect_producer("g");
  const AppendReceipt half = prepare("k");
  broker().pass(seconds(1));
  broker().store().flush_up_to(broker().store().status().max_physical_offset);
  ASSERT_TRUE(end(half, kCommit));
  broker().pass(seconds(1));
  EXPECT_NE(broker().saved_offset(kGroup, kHalfTopic), QueueOffset{1}) << "a power failure would lose the message";
  broker().store().flush_up_to(std::nullopt);
  broker().pass(seconds(1));
  EXPECT_EQ(broker().saved_offset(kGroup, kHalfTopic), QueueOffset{1});
}

TEST_F(TransactionTest, AProducersWrongClockHasNoSay) {
  broker().connect_producer("g");
  Message message;
  message.topic = "Orders";
  message.born_timestamp_ms = 1;
  message.properties = "TRAN_MSG\1true\2PGROUP\1g\2UNIQ_KEY\1k\2";
  ASSERT_TRUE(broker().publish(message));
  EXPECT_THAT(checks_after(seconds(5)), IsEmpty());
  EXPECT_EQ(checks_after(seconds(2)).size(), 1U);
  EXPECT_EQ(checks_after(seconds(2)).size(), 1U);
  EXPECT_EQ(broker().coordinator().totals().discarded, 0);
}

TEST_F(TransactionTest, MoreThanFitsInMemoryIsStoredAgainInstead) {
  settings["tracked_max"] = "16";
  for (int index = 0; index < 40; ++index) prepare(text("k", index), "CHECK_IMMUNITY_TIME_IN_SECONDS\001100\2");
  broker().connect_producer("g");
  EXPECT_THAT(checks_after(seconds(10)), IsEmpty());
  EXPECT_GT(half_properties().size(), 40U);
  EXPECT_EQ(broker().coordinator().totals().pending, 40);
  for (const std::string& properties : half_properties()) {
    EXPECT_EQ(PropertiesView(properties).find(property::check_times).value_or("0"), "0") << "no check is used up";
  }
  std::set<std::string> asked;
  for (int round = 0; round < 20 && asked.size() < 40; ++round) {
    for (const ReceivedCheck& check : checks_after(seconds(100))) asked.insert(check.unique_key);
  }
  EXPECT_EQ(asked.size(), 40U);
}

TEST_F(TransactionTest, ManyDueOnesAreWorkedOffInSlices) {
  broker().connect_producer("g");
  for (int index = 0; index < 1'000; ++index) prepare(text("k", index));
  broker().pass(seconds(7));
  ASSERT_TRUE(broker().run_until([&] { return broker().coordinator().totals().checks_sent >= 1'000; }));
}

TEST_F(TransactionTest, RetriesOfConsumersAreNoHalfMessages) {
  const std::string properties = "TRAN_MSG\1true\2PGROUP\1g\2DELAY\0013\2";
  Message retry;
  retry.topic = "%RETRY%c";
  retry.properties = properties;
  ASSERT_TRUE(broker().publish(retry));
  Message old_client = retry;
  old_client.topic = "Orders";
  old_client.reconsume_times = 1;
  ASSERT_TRUE(broker().publish(old_client));
  Message committed = retry;
  committed.topic = "Orders";
  committed.sys_flag = sys_flag::transaction_commit;
  ASSERT_TRUE(broker().publish(committed));
  EXPECT_EQ(broker().messages("Orders").size(), 2U);
  EXPECT_THAT(broker().bodies(kHalfTopic), IsEmpty());
}

TEST_F(TransactionTest, RejectsWhenConfiguredTo) {
  settings["reject"] = "true";
  const auto refused = broker().prepare("Orders", 0, "g", "k");
  ASSERT_FALSE(refused);
  EXPECT_TRUE(refused.error().is(Errc::no_permission));
}

TEST_F(TransactionTest, ACommitBeforeACrashIsNotDeliveredTwice) {
  const AppendReceipt half = prepare("k");
  broker().die_after(1);     // the message, but no op record
  (void)end(half, kCommit);  // its answer is lost
  broker().crash_and_restart();
  EXPECT_EQ(broker().coordinator().totals().pending, 1);
  EXPECT_FALSE(end(half, kRollback)) << "it is committed";
  EXPECT_TRUE(end(half, kCommit));
  EXPECT_THAT(broker().bodies("Orders", 1), ElementsAre("k"));
  EXPECT_EQ(broker().coordinator().totals().pending, 0);
}

TEST_F(TransactionTest, ACommitBeforeACrashIsRecognisedWithoutAskingAgain) {
  const AppendReceipt half = prepare("k");
  broker().die_after(1);
  (void)end(half, kCommit);  // its answer is lost
  broker().crash_and_restart();
  broker().connect_producer("g");
  EXPECT_THAT(checks_after(seconds(10)), IsEmpty());
  EXPECT_EQ(broker().coordinator().totals().pending, 0);
  EXPECT_THAT(broker().bodies("Orders", 1), ElementsAre("k"));
}

TEST_F(TransactionTest, ACrashBetweenStoringAgainAndNotingSoLeavesOne) {
  broker().connect_producer("g");
  const AppendReceipt half = prepare("k");
  broker().die_after(1);  // the renewed half message, but no op record
  broker().pass(seconds(7));
  broker().crash_and_restart();
  EXPECT_EQ(broker().coordinator().totals().pending, 1);
  EXPECT_TRUE(end(half, kCommit));
  EXPECT_EQ(broker().coordinator().totals().pending, 0);
  EXPECT_THAT(broker().bodies("Orders", 1), ElementsAre("k"));
}

TEST_F(TransactionTest, TwoCrashesAroundACheckStillLeaveOne) {
  broker().connect_producer("g");
  const AppendReceipt half = prepare("k");
  broker().die_after(1);  // the renewed half message, but no op record for the first one
  broker().pass(seconds(7));
  broker().crash_and_restart();
  EXPECT_TRUE(end(half, kCommit));
  broker().crash_and_restart();
  EXPECT_EQ(broker().coordinator().totals().pending, 0) << "the first one has not come to life again";
}

TEST_F(TransactionTest, ProgressIsSavedForTheNextStartAndForRocketMq) {
  for (int index = 0; index < 5; ++index) {
    const AppendReceipt half = prepare(text("k", index));
    if (index == 3) continue;
    ASSERT_TRUE(end(half, index % 2 == 0 ? kCommit : kRollback));
  }
  broker().restart_cleanly();
  EXPECT_EQ(broker().saved_offset(kGroup, kHalfTopic), QueueOffset{3});
  EXPECT_EQ(broker().saved_offset(kGroup, kOpTopic), QueueOffset{0}) << "the block of op records names 4 too";
  EXPECT_EQ(broker().coordinator().totals().pending, 1);
}

}  // namespace
}  // namespace tenon::transaction
