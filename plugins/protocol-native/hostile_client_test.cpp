// SPDX-License-Identifier: Apache-2.0
// Peers that are broken, slow or greedy.
#include <sys/socket.h>

#include <memory>
#include <random>

#include "protocol-native/client_call.hpp"
#include "protocol-native/testing/sample_requests.hpp"
#include "protocol-native/testing/server_fixture.hpp"

namespace tenon::protocol_native {
namespace {

using remoting::RequestCode;

class HostileClientTest : public ServerFixture {
 protected:
  void SetUp() override { with_broker(); }
  void expect_alive() {
    RawClient client(address());
    EXPECT_EQ(client.call(static_cast<RequestCode>(9999), {}).code, 3);
  }
};

std::string bytes(std::initializer_list<int> numbers) {
  std::string text;
  for (const int number : numbers) text.push_back(static_cast<char>(number));
  return text;
}

TEST_F(HostileClientTest, UnknownCodesAreAnsweredAndTheConnectionLives) {
  open();
  RawClient client(address());
  for (const int code : {9999, -1, 200050, 400'000, 0, INT32_MAX, INT32_MIN}) {
    const auto answer = client.call(static_cast<RequestCode>(code), {});
    EXPECT_EQ(answer.code, 3);
    EXPECT_EQ(answer.remark, text(" request type ", code, " not supported"));
  }
}

TEST_F(HostileClientTest, ImpossibleLengthsCloseTheConnection) {
  open();
  const std::vector<std::string> frames{
      bytes({0x7f, 0xff, 0xff, 0xff}),                          // 2 GiB
      bytes({0xff, 0xff, 0xff, 0xff, 0, 0, 0, 0}),              // negative
      bytes({0, 0, 0, 0, 0, 0, 0, 0}),                          // too short for its own header length
      bytes({0, 0, 0, 8, 0, 0xff, 0xff, 0xff, 0, 0, 0, 0}),     // header longer than the frame
      bytes({0, 0, 0, 8, 9, 0, 0, 4, 0, 0, 0, 0}),              // no such header type
      bytes({0, 0, 0, 8, 0, 0, 0, 4, 'o', 'o', 'p', 's'}),      // no JSON
      bytes({0x16, 0x03, 0x01, 0x02, 0x00, 0x01, 0x00, 0x01}),  // TLS
      "GET / HTTP/1.1\r\n\r\n",
  };
  for (const std::string& frame : frames) {
    RawClient client(address());
    client.send_bytes(frame);
    EXPECT_TRUE(client.closed_by_server()) << testing::PrintToString(frame);
  }
  expect_alive();
}

TEST_F(HostileClientTest, AByteAtATimeIsServed) {
  open();
  RawClient client(address());
  const auto frame = RawClient::frame(static_cast<RequestCode>(9999), 77, {{"a", "b"}});
  for (const char byte : frame) client.send_bytes({&byte, 1});
  const auto answer = client.next_answer(77);
  ASSERT_TRUE(answer);
  EXPECT_EQ(answer->code, 3);
}

TEST_F(HostileClientTest, AFrameThatNeverEndsIsClosedInTime) {
  Settings settings;
  settings.frame_timeout = std::chrono::seconds(1);
  open(settings);
  RawClient client(address());
  const auto frame = RawClient::frame(static_cast<RequestCode>(9999), 77, {{"a", "b"}});
  client.send_bytes(std::string_view(frame).substr(0, 20));
  EXPECT_TRUE(client.closed_by_server());
  expect_alive();
}

TEST_F(HostileClientTest, IdleConnectionsAreClosed) {
  Settings settings;
  settings.idle_timeout = std::chrono::seconds(1);
  open(settings);
  RawClient client(address());
  EXPECT_TRUE(client.closed_by_server());
}

TEST_F(HostileClientTest, LargeFramesInPiecesArriveWhole) {
  open();
  const std::uint32_t seed = std::random_device{}();
  SCOPED_TRACE(seed);
  std::mt19937 random(seed);
  RawClient client(address());
  std::string stream;
  std::vector<std::string> bodies;
  for (int index = 0; index < 12; ++index) {
    bodies.emplace_back(random() % 3'000'000, static_cast<char>('a' + index));
    stream += RawClient::frame(RequestCode::send_message_v2, 100 + index, fields_of(SampleSend{}), bodies.back());
  }
  std::thread writer([&] {
    for (std::size_t at = 0; at < stream.size();) {
      const std::size_t count = std::min<std::size_t>(stream.size() - at, 1 + random() % 200'000);
      client.send_bytes(std::string_view(stream).substr(at, count));
      at += count;
    }
  });
  for (int index = 0; index < 12; ++index) {
    const auto answer = client.next_answer(100 + index);
    ASSERT_TRUE(answer);
    EXPECT_EQ(answer->code, 0);
  }
  writer.join();
  ASSERT_EQ(publishing.taken.size(), bodies.size());
  for (std::size_t index = 0; index < bodies.size(); ++index) EXPECT_EQ(publishing.taken[index].body, bodies[index]);
}

TEST_F(HostileClientTest, HalfFramesTogetherAreBounded) {
  Settings settings;
  settings.partial_frames_bytes_max = 4 << 20;
  open(settings);
  // Each announces 15 MiB and sends 1 MiB of it: only a few fit.
  std::vector<std::unique_ptr<RawClient>> clients;
  int closed = 0;
  for (int count = 0; count < 8; ++count) {
    clients.push_back(std::make_unique<RawClient>(address()));
    clients.back()->send_bytes(bytes({0, 0xf0, 0, 0, 0, 0, 0, 4}));
    clients.back()->send_bytes(std::string(1 << 20, ' '));
  }
  ASSERT_TRUE(registry.wait_closed(1));
  for (auto& client : clients) closed += client->closed_by_server(std::chrono::milliseconds(200)) ? 1 : 0;
  EXPECT_GE(closed, 1);
  EXPECT_LT(closed, 8);
  expect_alive();
}

PullOutcome large_outcome() {
  static const auto record = std::make_shared<std::string>(200'000, 'r');
  PullOutcome outcome;
  outcome.status = PullStatus::found;
  outcome.detail = "FOUND";
  outcome.read.records.push_back(MemorySlice{std::as_bytes(std::span(*record))});
  outcome.read.total_bytes = static_cast<std::int64_t>(record->size());
  outcome.read.pin = record;
  return outcome;
}

/// Counts the pulls that the server let through.
class GreedyClientTest : public HostileClientTest {
 protected:
  void SetUp() override {
    HostileClientTest::SetUp();
    pulling.answer = [this](const PullRequest&) {
      ++served;
      return std::optional<Result<PullOutcome>>(large_outcome());
    };
  }
  static std::string pulls(int count) {
    std::string stream;
    for (int index = 0; index < count; ++index) {
      stream += RawClient::frame(RequestCode::pull_message, index + 1, fields_of(SamplePull{}));
    }
    return stream;
  }
  std::atomic<int> served = 0;
};

TEST_F(GreedyClientTest, WhoDoesNotReadIsNotServedFurtherAndClosedInTime) {
  Settings settings;
  settings.write_timeout = std::chrono::seconds(1);
  open(settings);
  RawClient client(address());
  client.send_bytes(pulls(600));  // 120 MB of answers
  ASSERT_TRUE(registry.wait_closed(1));
  // What fits the two socket buffers, and the mark of unsent bytes.
  EXPECT_LT(served.load(), 200);
  expect_alive();
}

TEST_F(GreedyClientTest, WhoReadsLateGetsEverything) {
  open();
  RawClient client(address());
  const std::string requests = pulls(200);
  std::thread writer([&] { client.send_bytes(requests); });
  while (served.load() < 10) std::this_thread::yield();
  for (int opaque = 1; opaque <= 200; ++opaque) {
    const auto answer = client.next_answer(opaque);
    ASSERT_TRUE(answer) << opaque;
    ASSERT_EQ(answer->body.size(), 200'000u);
  }
  writer.join();
  EXPECT_EQ(served.load(), 200);
}

TEST_F(HostileClientTest, WhoDoesNotReadIsSentNoMoreRequests) {
  open();
  RawClient deaf(address()), other(address());
  deaf.call(RequestCode::heart_beat, {}, R"({"clientID":"deaf","producerDataSet":[{"groupName":"p"}]})");
  const auto channel = registry.producer_channel("deaf");
  ASSERT_TRUE(channel);
  const auto refused = std::make_shared<std::atomic<int>>(0);
  for (int count = 0; count < 64; ++count) {
    const ClientRequest request(307, {}, std::string(1 << 20, 'b'));
    call_client(channel, request, std::chrono::seconds(100), [refused](const Result<Answer>& answer) {
      if (!answer && answer.error().is(Errc::busy)) ++*refused;
    });
    channel->notify_consumer_ids_changed("g");
    EXPECT_EQ(other.call(static_cast<RequestCode>(9999), {}).code, 3) << "served in turns between them";
  }
  EXPECT_GT(*refused, 32) << "the rest lies in the buffers of the two sockets";
}

TEST_F(HostileClientTest, ConnectionsBeyondTheLimitAreClosedAtOnce) {
  Settings settings;
  settings.connections_max = 2;
  open(settings);
  RawClient first(address()), second(address());
  EXPECT_EQ(first.call(static_cast<RequestCode>(9999), {}).code, 3);
  EXPECT_EQ(second.call(static_cast<RequestCode>(9999), {}).code, 3);
  RawClient third(address());
  EXPECT_TRUE(third.closed_by_server());
}

TEST_F(HostileClientTest, MissingAndMalformedFieldsAreNamed) {
  open();
  RawClient client(address());
  const auto missing = client.call(RequestCode::query_consumer_offset, {{"consumerGroup", "g"}, {"topic", "T"}});
  EXPECT_EQ(missing.code, 29);
  EXPECT_NE(missing.remark.value_or("").find("queueId"), std::string::npos);
  const auto malformed = client.call(RequestCode::query_consumer_offset,
                                     {{"consumerGroup", "g"}, {"topic", "T"}, {"queueId", "99999999999"}});
  EXPECT_EQ(malformed.code, 29);
}

}  // namespace
}  // namespace tenon::protocol_native
