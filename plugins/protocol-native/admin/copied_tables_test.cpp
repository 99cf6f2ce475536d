// SPDX-License-Identifier: Apache-2.0
// Answers of changes that wait until slaves have them, and what slaves say of that.
#include <gmock/gmock.h>

#include <condition_variable>
#include <mutex>

#include "protocol-native/admin/admin_fixture.hpp"

namespace tenon::protocol_native {
namespace {

using remoting::RequestCode;
using testing::HasSubstr;

/// Lets nothing through before the test does, and knows the slave 1.
class FakeTableGate final : public TableGate {
 public:
  struct Waiting {
    TableCounters counters;
    Passed passed;
  };
  void wait_for(TableCounters counters, Passed passed) override {
    const std::scoped_lock lock(mutex_);
    waiting_ = {counters, std::move(passed)};
    changed_.notify_all();
  }
  bool heard(std::int64_t broker_id, TableCounters has, std::function<void()> wanted) override {
    const std::scoped_lock lock(mutex_);
    if (broker_id != 1) return false;
    has_ = has;
    wanted_ = std::move(wanted);
    changed_.notify_all();
    return true;
  }

  Waiting next_waiting() { return next(waiting_); }
  std::function<void()> next_wanted() { return next(wanted_); }
  TableCounters has() {
    const std::scoped_lock lock(mutex_);
    return has_;
  }

 private:
  template <class Value>
  Value next(std::optional<Value>& value) {
    std::unique_lock lock(mutex_);
    changed_.wait(lock, [&] { return value.has_value(); });
    return *std::exchange(value, std::nullopt);
  }

  std::mutex mutex_;
  std::condition_variable changed_;
  std::optional<Waiting> waiting_;
  std::optional<std::function<void()>> wanted_;
  TableCounters has_;
};

class CopiedTables : public AdminFixture {
 protected:
  void SetUp() override {
    AdminFixture::SetUp();
    services.table_gate = &gate;
    open();
    client.emplace(address());
  }
  /// Of a request that changes something, once the gate has said `copied`.
  ReceivedFrame answer_after(const Status& copied, RequestCode code, const RawClient::FieldList& fields,
                             std::string_view body = {}) {
    const auto opaque = client->send(code, fields, body);
    const auto waiting = gate.next_waiting();
    asked_for = waiting.counters;
    EXPECT_FALSE(client->next(std::chrono::milliseconds(0))) << "before the slaves have it";
    waiting.passed(copied);
    return client->next_answer(opaque).value_or(ReceivedFrame{});
  }
  ReceivedFrame ask_as_slave(std::string_view id, std::string_view topics_had, std::string_view groups_had,
                             std::string_view hold, std::string_view origin = "77") {
    return client->call(RequestCode::tenon_metadata_changes, {{"origin", origin},
                                                              {"position", "12"},
                                                              {"brokerId", id},
                                                              {"topics", topics_had},
                                                              {"groups", groups_had},
                                                              {"hold", hold}});
  }

  static inline const RawClient::FieldList kTopic{
      {"topic", "New"}, {"readQueueNums", "4"}, {"writeQueueNums", "4"}, {"perm", "6"}};
  FakeTableGate gate;
  TableCounters asked_for;
  std::optional<RawClient> client;
};

TEST_F(CopiedTables, EveryChangeIsAnsweredWhenTheSlavesHaveIt) {
  EXPECT_EQ(answer_after({}, RequestCode::update_and_create_topic, kTopic).code, 0);
  EXPECT_EQ(asked_for.topics, topics.version().counter);
  EXPECT_EQ(asked_for.groups, TableCounters::kNone);
  EXPECT_EQ(answer_after({}, RequestCode::update_and_create_topic, kTopic).code, 0) << "it is so already, here";
  const std::string list = R"({"topicConfigList":[{"topicName":"A"}]})";
  EXPECT_EQ(answer_after({}, RequestCode::update_and_create_topic_list, {}, list).code, 0);
  EXPECT_EQ(answer_after({}, RequestCode::update_and_create_topic_list, {}, "{}").code, 0);
  EXPECT_EQ(answer_after({}, RequestCode::delete_topic_in_broker, {{"topic", "New"}}).code, 0);
  EXPECT_EQ(answer_after({}, RequestCode::update_and_create_subscriptiongroup, {}, R"({"groupName":"g"})").code, 0);
  EXPECT_EQ(asked_for.topics, TableCounters::kNone);
  EXPECT_EQ(asked_for.groups, groups.version().counter);
  const std::string groups_list = R"({"groupConfigList":[{"groupName":"h"}]})";
  EXPECT_EQ(answer_after({}, RequestCode::update_and_create_subscriptiongroup_list, {}, groups_list).code, 0);
  EXPECT_EQ(answer_after({}, RequestCode::delete_subscriptiongroup, {{"groupName", "g"}}).code, 0);
}

TEST_F(CopiedTables, AChangeThatTheSlavesDoNotTakeIsMadeAndAnsweredWithTheReason) {
  const auto late =
      answer_after(Error(Errc::flush_slave_timeout, "not in time"), RequestCode::update_and_create_topic, kTopic);
  EXPECT_EQ(late.code, 12);
  EXPECT_EQ(late.remark, "not in time");
  EXPECT_TRUE(topics.table.contains("New"));
  const auto alone = answer_after(Error(Errc::slave_not_available, "alone"),
                                  RequestCode::update_and_create_subscriptiongroup, {}, R"({"groupName":"g"})");
  EXPECT_EQ(alone.code, 11);
  EXPECT_EQ(alone.remark, "alone");
  EXPECT_TRUE(groups.table.contains("g"));
}

TEST_F(CopiedTables, ARefusedChangeWaitsForNobody) {
  EXPECT_EQ(client->call(RequestCode::delete_topic_in_broker, {{"topic", "TBW102"}}).code, 29);
  EXPECT_EQ(client->call(RequestCode::update_and_create_subscriptiongroup, {}, R"({"groupName":"a b"})").code, 29);
}

TEST_F(CopiedTables, ASlaveIsHeldUntilSomebodyWaitsForIt) {
  const auto opaque = client->send(RequestCode::tenon_metadata_changes, {{"origin", "77"},
                                                                         {"position", "12"},
                                                                         {"brokerId", "1"},
                                                                         {"topics", "2"},
                                                                         {"groups", "4"},
                                                                         {"hold", "99999999"}});
  const auto wanted = gate.next_wanted();
  EXPECT_EQ(gate.has().topics, 2);
  EXPECT_EQ(gate.has().groups, 4);
  EXPECT_FALSE(client->next(std::chrono::milliseconds(0)));
  wanted();
  wanted();
  const auto answer = client->next_answer(opaque);
  ASSERT_TRUE(answer);
  EXPECT_THAT(answer->body, HasSubstr(R"("holds":true)"));
  EXPECT_FALSE(client->next(std::chrono::milliseconds(0))) << "answered once";
}

TEST_F(CopiedTables, WhoIsNotWantedIsAnsweredWhenItsTimeIsOver) {
  EXPECT_EQ(ask_as_slave("1", "2", "4", "5").code, 0);
  EXPECT_EQ(ask_as_slave("1", "2", "4", "99999999").code, 0) << "a second at most";
}

TEST_F(CopiedTables, WhatASlaveCannotHaveIsNotBelieved) {
  const auto topics_told = [&](std::string_view said, std::string_view origin) {
    EXPECT_EQ(ask_as_slave("1", said, "4", "0", origin).code, 0);
    return gate.has().topics;
  };
  EXPECT_EQ(topics_told("1", "77"), 1);
  EXPECT_EQ(topics_told("3", "77"), TableCounters::kNone) << "from the future";
  EXPECT_EQ(topics_told("9223372036854775807", "77"), TableCounters::kNone);
  EXPECT_EQ(topics_told("-9223372036854775808", "77"), TableCounters::kNone);
  EXPECT_EQ(topics_told("2", "78"), TableCounters::kNone) << "of another process";
  EXPECT_EQ(topics_told("", "77"), TableCounters::kNone);
  EXPECT_EQ(ask_as_slave("1", "many", "4", "0").code, 29);
  EXPECT_EQ(ask_as_slave("1", "99999999999999999999", "4", "0").code, 29);
  EXPECT_EQ(ask_as_slave("1", "2", "4", "-1").code, 0) << "at once";
  EXPECT_EQ(ask_as_slave("7", "2", "4", "99999999").code, 0) << "at once, as it does not follow";
  EXPECT_EQ(ask_as_slave("-1", "2", "4", "99999999").code, 0);
}

}  // namespace
}  // namespace tenon::protocol_native
