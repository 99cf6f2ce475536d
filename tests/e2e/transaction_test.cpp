// SPDX-License-Identifier: Apache-2.0
// Transactions through the whole program: what producers, consumers and operators see, also over crashes and without
// the plug-in.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <csignal>
#include <fstream>

#include "broker_process.hpp"
#include "command_run.hpp"
#include "message_requests.hpp"
#include "text_file.hpp"
#include "transaction_requests.hpp"

namespace tenon::e2e {
namespace {

using protocol_native::RawClient;
using remoting::RequestCode;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

BrokerSetup setup() {
  BrokerSetup setup;
  setup.config = kWithTransactions;
  return setup;
}

int always_commit(const std::string&) { return kCommit; }

std::vector<std::string> bodies(RawClient& client, std::string_view topic) {
  std::vector<std::string> all;
  for (const PulledMessage& message : all_messages(client, topic)) all.push_back(message.body);
  return all;
}

TEST(Transaction, ACommitDeliversAndARollbackDoesNot) {
  BrokerProcess broker(setup());
  RawClient client(broker.address());
  const Half a = prepare(client, "T", "a"), b = prepare(client, "T", "b"), c = prepare(client, "T", "c");
  ASSERT_EQ(a.code, 0) << a.remark;
  EXPECT_THAT(bodies(client, "T"), IsEmpty());
  EXPECT_EQ(end_transaction(client, a, kCommit).code, 0);
  EXPECT_EQ(end_transaction(client, b, kRollback).code, 0);
  EXPECT_EQ(end_transaction(client, c, 0).code, 0) << "unknown: nothing happens";
  EXPECT_EQ(end_transaction(client, a, kCommit).code, 0) << "said again";
  EXPECT_EQ(end_transaction(client, b, kCommit).code, 1) << "it was rolled back";
  EXPECT_THAT(bodies(client, "T"), ElementsAre("a"));
  EXPECT_EQ(broker.end(SIGTERM), 0);
  EXPECT_THAT(text_of_file(broker.directory() / "data/config/transactionMetrics"),
              HasSubstr(R"("transactionCount":{"T":{"count":1,)"))
      << "c waits";
}

TEST(Transaction, WrongFieldsAreRefusedInRocketMqsWords) {
  BrokerProcess broker(setup());
  RawClient client(broker.address());
  const Half half = prepare(client, "T", "a");
  const auto refused = [&](Half named, std::string_view group) {
    const auto answer = end_transaction(client, named, kCommit, group);
    EXPECT_EQ(answer.code, 1);
    return answer.remark.value_or("");
  };
  EXPECT_EQ(refused(half, "others"), "The producer group wrong");
  EXPECT_EQ(refused({half.queue_offset + 1, half.physical_offset, 0, ""}, "producers"),
            "The transaction state table offset wrong");
  EXPECT_EQ(refused({half.queue_offset, half.physical_offset + 1, 0, ""}, "producers"),
            "Find prepared transaction message failed");
  EXPECT_THAT(bodies(client, "T"), IsEmpty());
}

TEST(Transaction, HalfMessagesAreFoundByNobody) {
  BrokerProcess broker(setup());
  RawClient client(broker.address());
  const Half half = prepare(client, "T", "a", "producers", "KEYS\1k\2");
  const auto by_key = [&](std::string_view key, std::string_view unique) {
    return client
        .call(RequestCode::query_message, {{"topic", "T"},
                                           {"key", key},
                                           {"maxNum", "32"},
                                           {"beginTimestamp", "0"},
                                           {"endTimestamp", "9223372036854775807"},
                                           {"_UNIQUE_KEY_QUERY", unique}})
        .code;
  };
  EXPECT_EQ(by_key("k", "false"), 22);
  EXPECT_EQ(by_key("a", "true"), 22);
  EXPECT_EQ(send_message(client, "RMQ_SYS_TRANS_HALF_TOPIC", "forged").code, 16);
  EXPECT_EQ(send_message(client, "RMQ_SYS_TRANS_OP_HALF_TOPIC", "0,").code, 16);
  ASSERT_EQ(end_transaction(client, half, kCommit).code, 0);
  EXPECT_EQ(by_key("k", "false"), 0);
}

TEST(Transaction, AProducerIsAskedAndItsAnswerCounts) {
  BrokerProcess broker(setup());
  RawClient producer(broker.address()), other(broker.address());
  register_producer(producer);
  register_producer(other, "others");
  prepare(producer, "T", "a");
  prepare(producer, "T", "b");
  const auto check = next_check(producer);
  ASSERT_TRUE(check);
  EXPECT_EQ(check->topic, "T");
  EXPECT_EQ(check->unique_key, check->body);
  const auto decide = [](const std::string& key) { return key == "a" ? kCommit : kRollback; };
  EXPECT_THAT(answer_checks(producer, 2, decide), ElementsAre("a", "b"));
  EXPECT_THAT(bodies(producer, "T"), ElementsAre("a"));
  EXPECT_FALSE(next_check(other, std::chrono::milliseconds(300)));
  EXPECT_EQ(broker.end(SIGTERM), 0);
}

void goes_on_after(int signal) {
  BrokerProcess broker(setup());
  Half a, b, c;
  {
    RawClient client(broker.address());
    a = prepare(client, "T", "a");
    b = prepare(client, "T", "b");
    c = prepare(client, "T", "c");
    ASSERT_EQ(end_transaction(client, b, kRollback).code, 0);
  }
  broker.end(signal);
  broker.start_again();
  RawClient client(broker.address());
  EXPECT_EQ(end_transaction(client, b, kCommit).code, 1) << "its end has survived";
  EXPECT_EQ(end_transaction(client, a, kCommit).code, 0);
  register_producer(client);
  EXPECT_THAT(answer_checks(client, 1, always_commit), ElementsAre("c")) << "only this one is asked about";
  EXPECT_EQ(end_transaction(client, c, kCommit).code, 0) << "the same transaction under its first offset";
  EXPECT_THAT(bodies(client, "T"), ElementsAre("a", "c"));
}

TEST(Transaction, GoesOnAfterARestart) { goes_on_after(SIGTERM); }
TEST(Transaction, GoesOnAfterKillNine) { goes_on_after(SIGKILL); }

TEST(Transaction, WithoutThePluginItIsRefusedAndNothingIsLost) {
  BrokerProcess broker(setup());
  Half half;
  {
    RawClient client(broker.address());
    half = prepare(client, "T", "a");
  }
  EXPECT_EQ(broker.end(SIGTERM), 0);
  const auto configure = [&](const char* text) { std::ofstream(broker.directory() / "tenon.toml") << text; };
  configure(kStandalone);
  broker.start_again();
  {
    RawClient client(broker.address());
    const Half refused = prepare(client, "T", "b");
    EXPECT_EQ(refused.code, 3);
    EXPECT_THAT(refused.remark, HasSubstr("no loaded plug-in offers transactions"));
    const auto answer = end_transaction(client, half, kCommit);
    EXPECT_EQ(answer.code, 3);
    EXPECT_EQ(answer.remark, "no transaction plug-in is loaded");
  }
  EXPECT_EQ(broker.end(SIGTERM), 0);
  configure(kWithTransactions);
  broker.start_again();
  RawClient client(broker.address());
  EXPECT_EQ(end_transaction(client, half, kCommit).code, 0);
  EXPECT_THAT(bodies(client, "T"), ElementsAre("a"));
}

std::string first_id(const std::string& list) {
  const std::size_t line = list.find('\n') + 1;
  return list.substr(line, list.find(' ', line) - line);
}

TEST(Transaction, OperatorsListDiscardAndResume) {
  BrokerSetup patient = setup();
  patient.settings = {"plugins.transaction.timeout=1h"};
  BrokerProcess broker(patient);
  const std::string address = broker.address().to_string();
  const auto tx = [&](std::vector<std::string> words) {
    words.insert(words.begin(), "tx");
    words.insert(words.end(), {"-b", address});
    return run_tenon(words);
  };
  RawClient client(broker.address());
  prepare(client, "T", "first", "bank");
  prepare(client, "T", "second", "bank");
  const CommandRun both = tx({"list"});
  EXPECT_EQ(both.code, 0) << both.errors;
  EXPECT_THAT(both.output, HasSubstr("first"));
  EXPECT_THAT(both.output, HasSubstr("bank"));
  EXPECT_THAT(tx({"list", "-o", "json"}).output, HasSubstr(R"("checks":0,"producerGroup":"bank","topic":"T")"));
  const std::string id = first_id(both.output);
  EXPECT_EQ(tx({"discard", id}).code, 0);
  EXPECT_NE(tx({"resume", id}).code, 0) << "it has ended";
  const CommandRun one = tx({"list"});
  EXPECT_THAT(one.output, ::testing::Not(HasSubstr("first")));
  EXPECT_EQ(tx({"resume", first_id(one.output)}).code, 0);
  EXPECT_THAT(tx({"list"}).output, HasSubstr("second"));
  const auto status = client.call(RequestCode::get_broker_runtime_info, {});
  EXPECT_THAT(status.body, HasSubstr(R"("transactionHalfMessages":"1")"));
  EXPECT_THAT(status.body, HasSubstr(R"("transactionRollbackTotal":"1")"));
  EXPECT_THAT(bodies(client, "T"), IsEmpty());
}

TEST(Transaction, WhatWasGivenUpCanBeResumed) {
  BrokerSetup hasty = setup();
  hasty.settings = {"plugins.transaction.check_max=2"};
  BrokerProcess broker(hasty);
  RawClient client(broker.address());
  register_producer(client);
  prepare(client, "T", "a");
  ASSERT_TRUE(next_check(client));
  ASSERT_TRUE(next_check(client));
  const std::string address = broker.address().to_string();
  std::string list;
  for (int tries = 0; tries < 500 && list.find("producers") == std::string::npos; ++tries) {
    list = run_tenon({"tx", "list", "--given-up", "-b", address}).output;
  }
  ASSERT_THAT(list, HasSubstr("producers"));
  const CommandRun resumed = run_tenon({"tx", "resume", first_id(list), "-b", address});
  EXPECT_EQ(resumed.code, 0) << resumed.errors;
  EXPECT_THAT(answer_checks(client, 1, always_commit), ElementsAre("a"));
  EXPECT_THAT(bodies(client, "T"), ElementsAre("a"));
}

}  // namespace
}  // namespace tenon::e2e
