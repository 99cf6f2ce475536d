// SPDX-License-Identifier: Apache-2.0
#include "tenon/testing/transaction_contract.hpp"

namespace tenon::testing {

using Bodies = std::vector<std::string>;

std::string transaction_case_name(const ::testing::TestParamInfo<TransactionCase>& info) { return info.param.name; }

AppendReceipt TransactionContract::prepare(const std::string& key, const std::string& properties) {
  auto receipt = broker.prepare("Orders", 2, kGroup, key, properties);
  EXPECT_TRUE(receipt) << receipt.error().message();
  return receipt.value();
}

Status TransactionContract::end(const AppendReceipt& half, TransactionDecision decision, bool from_check) {
  return broker.end(kGroup, half.queue_offset, half.physical_offset, decision, from_check);
}

std::vector<ReceivedCheck> TransactionContract::checks_after_timeout() {
  broker.pass(GetParam().timeout + std::chrono::seconds(1));
  return broker.take_checks();
}

namespace {

constexpr auto kCommit = TransactionDecision::commit;
constexpr auto kRollback = TransactionDecision::rollback;

TEST_P(TransactionContract, NothingIsSeenBeforeTheCommit) {
  const AppendReceipt half = prepare("a");
  EXPECT_TRUE(broker.bodies("Orders", 2).empty());
  ASSERT_TRUE(end(half, kCommit));
  EXPECT_EQ(broker.bodies("Orders", 2), Bodies{"a"});
  EXPECT_EQ(broker.coordinator().totals().pending, 0);
}

TEST_P(TransactionContract, ACommittedMessageIsMarkedAndKeepsItsProperties) {
  ASSERT_TRUE(end(prepare("a", "KEYS\1k1\2TAGS\1t\2"), kCommit));
  const auto stored = broker.messages("Orders", 2);
  ASSERT_EQ(stored.size(), 1U);
  EXPECT_EQ(stored[0].message.sys_flag & sys_flag::transaction_mask, sys_flag::transaction_commit);
  EXPECT_EQ(PropertiesView(stored[0].message.properties).find(property::keys), "k1");
  EXPECT_EQ(PropertiesView(stored[0].message.properties).find(property::unique_key), "a");
}

TEST_P(TransactionContract, ARolledBackMessageIsNeverSeen) {
  ASSERT_TRUE(end(prepare("a"), kRollback));
  broker.connect_producer(kGroup);
  EXPECT_TRUE(checks_after_timeout().empty());
  EXPECT_TRUE(broker.bodies("Orders", 2).empty());
}

TEST_P(TransactionContract, OtherMessagesAreLeftAlone) {
  Message plain;
  plain.topic = "Orders";
  plain.body = std::as_bytes(std::span("x", 1));
  ASSERT_TRUE(broker.publish(plain));
  EXPECT_EQ(broker.bodies("Orders", 0), Bodies{"x"});
}

TEST_P(TransactionContract, SayingItAgainChangesNothing) {
  const AppendReceipt half = prepare("a");
  ASSERT_TRUE(end(half, kCommit));
  EXPECT_TRUE(end(half, kCommit));
  EXPECT_FALSE(end(half, kRollback));
  EXPECT_EQ(broker.bodies("Orders", 2), Bodies{"a"});
}

TEST_P(TransactionContract, ACommitAfterARollbackIsRefused) {
  const AppendReceipt half = prepare("a");
  ASSERT_TRUE(end(half, kRollback));
  EXPECT_TRUE(end(half, kRollback));
  EXPECT_FALSE(end(half, kCommit));
  EXPECT_TRUE(broker.bodies("Orders", 2).empty());
}

TEST_P(TransactionContract, UnknownLeavesItPending) {
  const AppendReceipt half = prepare("a");
  EXPECT_TRUE(end(half, TransactionDecision::unknown));
  EXPECT_EQ(broker.coordinator().totals().pending, 1);
  EXPECT_TRUE(end(half, kCommit));
  EXPECT_EQ(broker.bodies("Orders", 2), Bodies{"a"});
}

TEST_P(TransactionContract, FieldsThatDoNotFitAreRefused) {
  const AppendReceipt half = prepare("a");
  EXPECT_FALSE(broker.end("others", half.queue_offset, half.physical_offset, kCommit));
  EXPECT_FALSE(broker.end(kGroup, half.queue_offset + 1, half.physical_offset, kCommit));
  EXPECT_FALSE(broker.end(kGroup, half.queue_offset, half.physical_offset + 1, kCommit));
  EXPECT_FALSE(broker.end(kGroup, {-1}, {-1}, kCommit));
  EXPECT_TRUE(broker.bodies("Orders", 2).empty());
  EXPECT_EQ(broker.coordinator().totals().pending, 1);
}

TEST_P(TransactionContract, AMessageOfAnotherTopicIsNoHalfMessage) {
  const AppendReceipt half = prepare("a");
  ASSERT_TRUE(end(half, kCommit));
  const auto committed = broker.messages("Orders", 2).at(0);
  EXPECT_FALSE(broker.end(kGroup, committed.queue_offset, committed.physical_offset, kCommit));
  EXPECT_EQ(broker.bodies("Orders", 2), Bodies{"a"});
}

TEST_P(TransactionContract, AsksAProducerOfTheGroupWhenTheTimeIsOver) {
  prepare("a");
  broker.connect_producer("others");
  broker.connect_producer(kGroup);
  broker.pass(GetParam().timeout / 2);
  EXPECT_TRUE(broker.take_checks().empty());
  const auto checks = checks_after_timeout();
  ASSERT_EQ(checks.size(), 1U);
  EXPECT_EQ(checks[0].topic, "Orders");
  EXPECT_EQ(checks[0].queue_id, 2);
  EXPECT_EQ(checks[0].body, "a");
  EXPECT_EQ(checks[0].producer_group, kGroup);
  ASSERT_TRUE(broker.end(kGroup, checks[0].half_offset, checks[0].half_physical_offset, kCommit, true));
  EXPECT_EQ(broker.bodies("Orders", 2), Bodies{"a"});
  EXPECT_TRUE(checks_after_timeout().empty());
}

TEST_P(TransactionContract, ALateWordOfTheSenderEndsWhatWasAskedAbout) {
  const AppendReceipt half = prepare("a");
  broker.connect_producer(kGroup);
  const auto checks = checks_after_timeout();
  ASSERT_EQ(checks.size(), 1U);
  ASSERT_TRUE(end(half, kCommit)) << "under the offset that the sender knows";
  EXPECT_TRUE(broker.end(kGroup, checks[0].half_offset, checks[0].half_physical_offset, kCommit, true));
  EXPECT_EQ(broker.bodies("Orders", 2), Bodies{"a"});
  EXPECT_EQ(broker.coordinator().totals().pending, 0);
}

TEST_P(TransactionContract, WhatHasEndedIsNotAskedAbout) {
  broker.connect_producer(kGroup);
  for (int index = 0; index < 100; ++index) {
    const AppendReceipt half = prepare(text("m", index));
    if (index % 10 == 3) continue;
    ASSERT_TRUE(end(half, index % 2 == 0 ? kCommit : kRollback));
  }
  EXPECT_EQ(checks_after_timeout().size(), 10U);
}

TEST_P(TransactionContract, PendingTransactionsSurviveARestartAndACrash) {
  const AppendReceipt first = prepare("a");
  const AppendReceipt second = prepare("b");
  ASSERT_TRUE(end(second, kRollback));
  broker.restart_cleanly();
  EXPECT_EQ(broker.coordinator().totals().pending, 1);
  broker.crash_and_restart();
  EXPECT_EQ(broker.coordinator().totals().pending, 1);
  ASSERT_TRUE(end(first, kCommit));
  broker.crash_and_restart();
  EXPECT_EQ(broker.coordinator().totals().pending, 0);
  EXPECT_EQ(broker.bodies("Orders", 2), Bodies{"a"});
}

TEST_P(TransactionContract, GivesUpAfterTheLastQuestionAndResumesOnDemand) {
  prepare("a");
  broker.connect_producer(kGroup);
  int asked = 0;
  for (int round = 0; round < 4 * GetParam().check_max && broker.coordinator().totals().pending > 0; ++round) {
    asked += static_cast<int>(checks_after_timeout().size());
  }
  EXPECT_EQ(asked, GetParam().check_max);
  EXPECT_EQ(broker.coordinator().totals().discarded, 1);
  const auto given_up = broker.messages("TRANS_CHECK_MAX_TIME_TOPIC", 0);
  ASSERT_EQ(given_up.size(), 1U);
  ASSERT_TRUE(broker.coordinator().resume_check(given_up[0].physical_offset));
  EXPECT_FALSE(broker.coordinator().resume_check(given_up[0].physical_offset)) << "it waits already";
  const auto checks = checks_after_timeout();
  ASSERT_FALSE(checks.empty());
  ASSERT_TRUE(broker.end(kGroup, checks.back().half_offset, checks.back().half_physical_offset, kCommit, true));
  EXPECT_FALSE(broker.coordinator().resume_check(given_up[0].physical_offset)) << "it is committed";
  EXPECT_EQ(broker.bodies("Orders", 2), Bodies{"a"});
}

TEST_P(TransactionContract, ANewHalfMessageIsNotInTheWayOfOldOnes) {
  broker.connect_producer(kGroup);
  prepare("old");
  broker.pass(GetParam().timeout + std::chrono::seconds(1));
  prepare("young");
  const auto checks = broker.take_checks();
  ASSERT_EQ(checks.size(), 1U);
  EXPECT_EQ(checks[0].body, "old");
}

TEST_P(TransactionContract, AStoreThatRefusesLosesNothing) {
  const AppendReceipt half = prepare("a");
  broker.store().refuse_writes("the disk is full");
  EXPECT_FALSE(end(half, kCommit));
  broker.connect_producer(kGroup);
  checks_after_timeout();
  EXPECT_EQ(broker.coordinator().totals().pending, 1);
  broker.store().refuse_writes("");
  ASSERT_TRUE(end(half, kCommit));
  EXPECT_EQ(broker.bodies("Orders", 2), Bodies{"a"});
}

}  // namespace
}  // namespace tenon::testing
