// SPDX-License-Identifier: Apache-2.0
// Answers to pulls that disk threads send themselves.
#include <sys/socket.h>

#include <atomic>
#include <boost/asio/post.hpp>
#include <future>
#include <thread>

#include "protocol-native/testing/sample_requests.hpp"
#include "protocol-native/testing/server_fixture.hpp"

namespace tenon::protocol_native {
namespace {

using remoting::RequestCode;

constexpr std::string_view kAnsweredAtOnce = "1", kMuchAtOnce = "2";
/// More than the buffers of a connection hold.
constexpr std::size_t kMuch = 16'000'000;

/// One record of so many bytes, each telling where it stands.
PullOutcome outcome_of(std::size_t size) {
  auto bytes = std::make_shared<std::string>(size, '\0');
  for (std::size_t index = 0; index < size; ++index) (*bytes)[index] = static_cast<char>(index * 31 + size);
  PullOutcome outcome;
  outcome.status = PullStatus::found;
  outcome.detail = "FOUND";
  outcome.read.records.push_back(MemorySlice{std::as_bytes(std::span(*bytes))});
  outcome.read.total_bytes = static_cast<std::int64_t>(size);
  outcome.read.pin = bytes;
  return outcome;
}

bool is_whole(const std::string& body) {
  for (std::size_t index = 0; index < body.size(); ++index) {
    if (body[index] != static_cast<char>(index * 31 + body.size())) return false;
  }
  return !body.empty();
}

class DiskAnswerTest : public ServerFixture {
 protected:
  void SetUp() override {
    with_broker();
    pulling.answer = [this](const PullRequest& request) -> std::optional<Result<PullOutcome>> {
      if (request.queue_id == 1) return outcome_of(700);
      if (request.queue_id != 2) return std::nullopt;
      much_is_asked_for.set_value();
      return outcome_of(kMuch);
    };
    open();
  }
  static std::int32_t send_pull(RawClient& client, std::string_view queue = "0") {
    return client.send(RequestCode::pull_message, fields_of(SamplePull{.queue = queue}));
  }
  /// Takes what is held, from several threads at a time, until so many were answered.
  void answer_from_disk_threads(std::size_t count) {
    std::atomic<std::size_t> answered{0};
    std::vector<std::thread> disk_threads;
    disk_threads.reserve(2);
    for (int index = 0; index < 2; ++index) {
      disk_threads.emplace_back([&] {
        while (answered.load() < count) {
          const std::optional<FakePulling::Held> one = take_held();
          if (!one) {
            std::this_thread::yield();
            continue;
          }
          Result<PullOutcome> outcome = outcome_of(1 + answered.fetch_add(1) % 7 * 40'000);
          if (one->completion->pulled_from_disk(one->token, outcome)) continue;
          boost::asio::post(one->completion->executor(),
                            [one, outcome = std::make_shared<Result<PullOutcome>>(std::move(outcome))] {
                              one->completion->pulled(one->token, std::move(*outcome));
                            });
        }
      });
    }
    for (std::thread& thread : disk_threads) thread.join();
  }
  FakePulling::Held next_held() {
    for (;;) {
      if (auto one = take_held()) return *std::move(one);
      std::this_thread::yield();
    }
  }
  /// Until the connection's thread has done what it has begun.
  static void wait_for_thread_of(const PullCompletion& completion) {
    std::promise<void> done;
    boost::asio::post(completion.executor(), [&] { done.set_value(); });
    done.get_future().wait();
  }
  std::optional<FakePulling::Held> take_held() {
    const std::lock_guard lock(pulling.mutex);
    if (pulling.held.empty()) return std::nullopt;
    FakePulling::Held one = std::move(pulling.held.back());
    pulling.held.pop_back();
    return one;
  }

  std::promise<void> much_is_asked_for;
};

// 100 answers are more than a socket takes while its client does not read.
TEST_F(DiskAnswerTest, AnswersOfSeveralThreadsComeWhole) {
  constexpr int kPulls = 100;
  RawClient client(address());
  std::vector<std::int32_t> opaques;
  for (int count = 0; count < kPulls; ++count) {
    opaques.push_back(send_pull(client));
    opaques.push_back(send_pull(client, kAnsweredAtOnce));
  }
  answer_from_disk_threads(kPulls);
  for (const std::int32_t opaque : opaques) {
    const auto answer = client.next_answer(opaque);
    ASSERT_TRUE(answer) << opaque;
    EXPECT_EQ(answer->remark, "FOUND");
    EXPECT_TRUE(is_whole(answer->body)) << answer->body.size();
  }
}

TEST_F(DiskAnswerTest, DoesNotComeIntoAFrameThatIsBegun) {
  RawClient client(address());
  const std::int32_t held = send_pull(client), much = send_pull(client, kMuchAtOnce);
  const FakePulling::Held one = next_held();
  much_is_asked_for.get_future().wait();
  wait_for_thread_of(*one.completion);  // it has sent as much as the client's buffers take
  Result<PullOutcome> outcome = outcome_of(100'000);
  ASSERT_TRUE(one.completion->pulled_from_disk(one.token, outcome));
  wait_for_thread_of(*one.completion);
  for (const std::int32_t opaque : {much, held}) {
    const auto answer = client.next_answer(opaque);
    ASSERT_TRUE(answer) << opaque;
    EXPECT_TRUE(is_whole(answer->body)) << answer->body.size();
  }
}

TEST_F(DiskAnswerTest, AClientThatDoesNotReadOneCanBeAskedForSomething) {
  RawClient client(address());
  const std::int32_t opaque = send_pull(client);
  const FakePulling::Held one = next_held();
  Result<PullOutcome> outcome = outcome_of(kMuch);
  ASSERT_TRUE(one.completion->pulled_from_disk(one.token, outcome));
  const auto channel = std::dynamic_pointer_cast<ClientChannel>(one.completion);
  ASSERT_TRUE(channel);
  channel->notify_consumer_ids_changed("readers");
  wait_for_thread_of(*one.completion);
  const auto answer = client.next_answer(opaque);
  ASSERT_TRUE(answer);
  EXPECT_TRUE(is_whole(answer->body));
}

TEST_F(DiskAnswerTest, OneAfterTheOtherIsAnswered) {
  RawClient client(address());
  for (int count = 0; count < 300; ++count) {
    const std::int32_t opaque = send_pull(client);
    answer_from_disk_threads(1);
    const auto answer = client.next_answer(opaque);
    ASSERT_TRUE(answer) << count;
    ASSERT_TRUE(is_whole(answer->body));
  }
}

// The number of a socket that was closed is soon another client's.
TEST_F(DiskAnswerTest, OfAClientThatIsGoneReachesNobodyElse) {
  constexpr std::size_t kPulls = 20;
  for (int round = 0; round < 30; ++round) {
    auto gone = std::make_unique<RawClient>(address());
    for (std::size_t count = 0; count < kPulls; ++count) send_pull(*gone);
    while (pulling.held_count() < kPulls) std::this_thread::yield();
    std::thread disk([&] { answer_from_disk_threads(kPulls); });
    ASSERT_TRUE(gone->next());
    gone.reset();
    RawClient next(address());
    const auto answer = next.next_answer(send_pull(next, kAnsweredAtOnce));
    disk.join();
    ASSERT_TRUE(answer) << round;
    ASSERT_TRUE(is_whole(answer->body));
  }
}

}  // namespace
}  // namespace tenon::protocol_native
