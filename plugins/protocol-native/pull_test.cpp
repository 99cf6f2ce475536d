// SPDX-License-Identifier: Apache-2.0
#include <cstdio>
#include <cstdlib>
#include <numeric>

#include "protocol-native/testing/sample_requests.hpp"
#include "protocol-native/testing/server_fixture.hpp"

namespace tenon::protocol_native {
namespace {

using remoting::RequestCode;

std::shared_ptr<std::string> patterned(std::size_t size) {
  auto bytes = std::make_shared<std::string>(size, '\0');
  for (std::size_t index = 0; index < size; ++index) (*bytes)[index] = static_cast<char>(index * 31 + index / 251);
  return bytes;
}

PullOutcome outcome_with(const std::vector<std::shared_ptr<std::string>>& records) {
  PullOutcome outcome;
  outcome.status = PullStatus::found;
  outcome.detail = "FOUND";
  outcome.read.next_queue_offset = {12};
  outcome.read.min_queue_offset = {1};
  outcome.read.max_queue_offset = {20};
  for (const auto& record : records) {
    outcome.read.records.push_back(MemorySlice{std::as_bytes(std::span(*record))});
    outcome.read.total_bytes += static_cast<std::int64_t>(record->size());
  }
  outcome.read.pin = std::make_shared<std::vector<std::shared_ptr<std::string>>>(records);
  return outcome;
}

PullOutcome nothing(PullStatus status, std::string_view detail) {
  PullOutcome outcome;
  outcome.status = status;
  outcome.detail = detail;
  outcome.read.next_queue_offset = {3};
  outcome.read.max_queue_offset = {3};
  return outcome;
}

class PullTest : public ServerFixture {
 protected:
  static std::int32_t send_pull(RawClient& client, std::string_view queue = "0", std::int32_t flag = 0) {
    return client.send(
        RequestCode::pull_message,
        fields_of(SamplePull{
            .queue = queue, .offset = "3", .sys_flag = "3", .commit_offset = "2", .hold_ms = "15000", .version = "5"}),
        {}, flag);
  }
};

TEST_F(PullTest, RecordsComeAsTheyLie) {
  with_broker();
  const std::vector records{patterned(100), patterned(20'000), patterned(40), patterned(300'000), patterned(7)};
  std::optional<QueueOffset> committed;
  std::chrono::milliseconds suspend{};
  pulling.answer = [&](const PullRequest& request) {
    committed = request.commit_offset;
    suspend = request.suspend_timeout;
    return std::optional<Result<PullOutcome>>(outcome_with(records));
  };
  open();
  RawClient client(address());
  const auto answer = client.next_answer(send_pull(client));
  ASSERT_TRUE(answer);
  EXPECT_EQ(answer->code, 0);
  EXPECT_EQ(answer->remark, "FOUND");
  EXPECT_EQ(answer->field("nextBeginOffset"), "12");
  EXPECT_EQ(answer->field("minOffset"), "1");
  EXPECT_EQ(answer->field("maxOffset"), "20");
  EXPECT_EQ(answer->field("suggestWhichBrokerId"), "0");
  std::string expected;
  for (const auto& record : records) expected += *record;
  EXPECT_EQ(answer->body, expected);
  EXPECT_EQ(committed, QueueOffset{2});
  EXPECT_EQ(suspend, std::chrono::seconds(15));
}

TEST_F(PullTest, FileSlicesAreSentFromTheFile) {
  with_broker();
  const auto content = patterned(500'000);
  std::FILE* const file = std::tmpfile();
  ASSERT_NE(file, nullptr);
  ASSERT_EQ(std::fwrite(content->data(), 1, content->size(), file), content->size());
  std::fflush(file);
  pulling.answer = [&](const PullRequest&) {
    auto outcome = outcome_with({patterned(50)});
    for (const auto& [offset, length] : {std::pair{10, 4000}, std::pair{5000, 400'000}}) {
      outcome.read.records.push_back(FileSlice{::fileno(file), offset, length});
      outcome.read.total_bytes += length;
    }
    return std::optional<Result<PullOutcome>>(std::move(outcome));
  };
  open();
  RawClient client(address());
  const auto answer = client.next_answer(send_pull(client));
  ASSERT_TRUE(answer);
  EXPECT_EQ(answer->body, *patterned(50) + content->substr(10, 4000) + content->substr(5000, 400'000));
  server->stop();
  std::fclose(file);
}

TEST_F(PullTest, NotFoundRetryAndMovedCarryTheFourOffsets) {
  with_broker();
  open();
  RawClient client(address());
  const std::vector<std::tuple<PullStatus, int, std::string_view>> cases{
      {PullStatus::not_found, 19, "OFFSET_OVERFLOW_ONE"},
      {PullStatus::retry_immediately, 20, "NO_MATCHED_MESSAGE"},
      {PullStatus::offset_moved, 21, "OFFSET_RESET"}};
  for (const auto& [status, code, detail] : cases) {
    pulling.answer = [status = status, detail = detail](const PullRequest&) {
      return std::optional<Result<PullOutcome>>(nothing(status, detail));
    };
    const auto answer = client.next_answer(send_pull(client));
    ASSERT_TRUE(answer);
    EXPECT_EQ(answer->code, code);
    EXPECT_EQ(answer->remark, detail);
    for (const char* name : {"nextBeginOffset", "minOffset", "maxOffset", "suggestWhichBrokerId"}) {
      EXPECT_NE(answer->field(name), "<absent>") << name;
    }
    EXPECT_TRUE(answer->body.empty());
  }
}

TEST_F(PullTest, AHeldPullDoesNotHoldTheConnection) {
  with_broker();
  open();
  RawClient client(address());
  const auto first = send_pull(client, "0");
  const auto second = send_pull(client, "0");  // several for one queue and group are legal after a rebalance
  const auto other =
      client.call(RequestCode::query_consumer_offset, {{"consumerGroup", "g"}, {"topic", "T"}, {"queueId", "0"}});
  EXPECT_EQ(other.code, 22);
  EXPECT_EQ(pulling.held_count(), 2u);
  pulling.release([] { return Result<PullOutcome>(outcome_with({patterned(64)})); });
  for (const auto opaque : {second, first}) {
    const auto answer = client.next_answer(opaque);
    ASSERT_TRUE(answer);
    EXPECT_EQ(answer->body, *patterned(64));
  }
}

TEST_F(PullTest, AHeldPullOfAClosedConnectionIsForgotten) {
  with_broker();
  open();
  {
    RawClient client(address());
    send_pull(client);
    while (pulling.held_count() == 0) std::this_thread::yield();
  }
  ASSERT_TRUE(registry.wait_closed(1));
  pulling.release([] { return Result<PullOutcome>(nothing(PullStatus::not_found, "OFFSET_OVERFLOW_ONE")); });
  RawClient another(address());
  EXPECT_EQ(another.call(RequestCode::end_transaction, {}).code, 3);
}

TEST_F(PullTest, ErrorsAreMapped) {
  with_broker();
  pulling.answer = [](const PullRequest&) {
    return std::optional<Result<PullOutcome>>(Error(Errc::subscription_not_latest, "old"));
  };
  open();
  RawClient client(address());
  const auto answer = client.next_answer(send_pull(client));
  ASSERT_TRUE(answer);
  EXPECT_EQ(answer->code, 25);
  EXPECT_EQ(answer->remark, "old");
}

TEST_F(PullTest, MaxMsgNumsOfZeroReachesThePullPath) {
  with_broker();
  std::int32_t max_messages = -1;
  pulling.answer = [&](const PullRequest& request) {
    max_messages = request.max_messages;
    return std::optional<Result<PullOutcome>>(outcome_with({patterned(64)}));
  };
  open();
  RawClient client(address());
  const auto answer = client.call(
      RequestCode::pull_message,
      fields_of(SamplePull{
          .max_messages = "0", .sys_flag = "6", .commit_offset = "-1", .hold_ms = "20000", .subscription = ""}));
  EXPECT_EQ(answer.code, 0);
  EXPECT_EQ(max_messages, 0);
}

TEST_F(PullTest, TooManyWaitingPullsOfOneConnectionAreRefused) {
  with_broker();
  Settings settings;
  settings.requests_in_flight_max = 3;
  open(settings);
  RawClient client(address());
  for (int count = 0; count < 3; ++count) send_pull(client);
  const auto answer = client.next_answer(send_pull(client));
  ASSERT_TRUE(answer);
  EXPECT_EQ(answer->code, 2);
}

}  // namespace
}  // namespace tenon::protocol_native
