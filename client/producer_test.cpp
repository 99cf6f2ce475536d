// SPDX-License-Identifier: Apache-2.0
#include "client/producer.hpp"

#include <gtest/gtest.h>

#include <future>
#include <map>

#include "client/fake_cluster.hpp"
#include "remoting/batch_body.hpp"
#include "tenon/properties.hpp"

namespace tenon::client {
namespace {

using remoting::RequestCode;

std::optional<Reply> stored(const Reply& request) {
  return success(
      {{"msgId", "OFFSETID"}, {"queueId", std::string(request.field("e").value_or("0"))}, {"queueOffset", "41"}});
}

/// One broker that answers as told, and its name server.
struct Cluster {
  explicit Cluster(FakeServer::Handler broker_handler)
      : broker([this, handler = std::move(broker_handler)](const Reply& request) {
          log.add(request);
          return handler(request);
        }),
        names([this](const Reply&) { return success({}, route_json({broker.address()}, 4)); }) {}
  RequestLog log;
  FakeServer broker;
  FakeServer names;
};

Message message(std::string body = "hello") {
  return {.topic = "T", .body = std::move(body), .tags = "TagA", .keys = {}, .properties = {}};
}

TEST(Producer, SendsOneMessageAndReadsWhereItIs) {
  Cluster cluster(stored);
  ClientInstance client(client_of(cluster.names));
  Producer producer(client, {.group = "pg"});
  const auto sent = producer.send(message()).value();
  EXPECT_EQ(sent.status, SendStatus::ok);
  EXPECT_EQ(sent.offset_message_id, "OFFSETID");
  EXPECT_EQ(sent.queue_offset, 41);
  EXPECT_EQ(sent.queue.broker_name, "a");
  const auto requests = cluster.log.of(RequestCode::send_message_v2);
  ASSERT_EQ(requests.size(), 1U);
  EXPECT_EQ(requests[0].field("a"), "pg");
  EXPECT_EQ(requests[0].field("b"), "T");
  EXPECT_EQ(requests[0].field("c"), "TBW102");
  EXPECT_EQ(requests[0].field("n"), "a");
  EXPECT_EQ(requests[0].body, "hello");
  EXPECT_EQ(PropertiesView(*requests[0].field("i")).find(property::unique_key), sent.message_id);
  EXPECT_EQ(cluster.log.of(RequestCode::heart_beat).size(), 1U);
}

TEST(Producer, UsesAllQueuesInTurn) {
  Cluster cluster(stored);
  ClientInstance client(client_of(cluster.names));
  Producer producer(client);
  std::map<std::int32_t, int> used;
  for (int i = 0; i < 8; ++i) ++used[producer.send(message()).value().queue.queue_id];
  EXPECT_EQ(used, (std::map<std::int32_t, int>{{0, 2}, {1, 2}, {2, 2}, {3, 2}}));
}

TEST(Producer, TriesAnotherBrokerWhenOneIsBusyOrGone) {
  FakeServer good(stored), busy([](const Reply&) { return refusal(2, "[REJECTREQUEST]"); });
  std::string gone;
  { gone = FakeServer(stored).address(); }
  for (const std::string& bad : {busy.address(), gone}) {
    FakeServer names([&](const Reply&) { return success({}, route_json({bad, good.address()}, 2)); });
    ClientInstance client(client_of(names));
    Producer producer(client);
    for (int i = 0; i < 4; ++i) {
      const auto sent = producer.send(message());
      ASSERT_TRUE(sent.has_value()) << sent.error().message();
      EXPECT_EQ(sent->queue.broker_name, "b");
    }
  }
}

TEST(Producer, DoesNotRepeatWhatNoBrokerWouldTake) {
  Cluster cluster([](const Reply& request) { return request.code == 34 ? success() : refusal(13, "too large"); });
  ClientInstance client(client_of(cluster.names));
  Producer producer(client);
  const auto sent = producer.send(message());
  ASSERT_FALSE(sent.has_value());
  EXPECT_TRUE(sent.error().is(Errc::message_illegal)) << sent.error().message();
  EXPECT_EQ(cluster.log.of(RequestCode::send_message_v2).size(), 1U);
}

TEST(Producer, GivesUpAfterItsRetriesWithTheLastReason) {
  Cluster cluster([](const Reply& request) { return request.code == 34 ? success() : refusal(1, "disk on fire"); });
  ClientInstance client(client_of(cluster.names));
  Producer producer(client);
  const auto sent = producer.send(message());
  ASSERT_FALSE(sent.has_value());
  EXPECT_NE(sent.error().message().find("disk on fire"), std::string::npos) << sent.error().message();
  EXPECT_EQ(cluster.log.of(RequestCode::send_message_v2).size(), 3U);
}

TEST(Producer, AnUnknownTopicTakesTheTemplate) {
  Cluster cluster(stored);
  FakeServer names([&](const Reply& request) {
    return request.field("topic") == "TBW102" ? success({}, route_json({cluster.broker.address()}, 8))
                                              : refusal(17, "no route");
  });
  ClientInstance client(client_of(names));
  Producer producer(client, {.group = "pg"});
  for (int i = 0; i < 8; ++i) EXPECT_LT(producer.send(message()).value().queue.queue_id, 4);
}

TEST(Producer, SaysThatATopicHasNoRoute) {
  FakeServer names([](const Reply&) { return refusal(17, "No topic route info in name server for the topic"); });
  ClientInstance client(client_of(names));
  Producer producer(client);
  EXPECT_TRUE(producer.send(message()).error().is(Errc::topic_not_exist));
}

TEST(Producer, SendsABatchAsOneRequest) {
  Cluster cluster(stored);
  ClientInstance client(client_of(cluster.names));
  Producer producer(client);
  const auto sent = producer.send({message("one"), message("two"), message("three")}).value();
  EXPECT_EQ(sent.message_id.size(), 3 * 32U + 2);
  const auto requests = cluster.log.of(RequestCode::send_batch_message);
  ASSERT_EQ(requests.size(), 1U);
  EXPECT_EQ(requests[0].field("m"), "true");
  std::vector<remoting::BatchMessage> messages;
  ASSERT_TRUE(remoting::split_batch_body(requests[0].body_bytes(), messages).has_value());
  ASSERT_EQ(messages.size(), 3U);
  EXPECT_EQ(PropertiesView(messages[2].properties).find(property::tags), "TagA");
  Message other = message();
  other.topic = "U";
  EXPECT_FALSE(producer.send({message(), other}).has_value());
  EXPECT_FALSE(producer.send(std::vector<Message>{}).has_value());
}

TEST(Producer, DeflatesLongBodiesAndRefusesEmptyOnes) {
  Cluster cluster(stored);
  ClientInstance client(client_of(cluster.names));
  Producer producer(client);
  ASSERT_TRUE(producer.send(message(std::string(10'000, 'x'))).has_value());
  const auto requests = cluster.log.of(RequestCode::send_message_v2);
  EXPECT_EQ(requests.at(0).field("f"), "1");
  EXPECT_LT(requests.at(0).body.size(), 200U);
  EXPECT_TRUE(producer.send(message("")).error().is(Errc::message_illegal));
}

TEST(Producer, AOnewaySendHasTheOnewayFlagAndWaitsForNothing) {
  std::promise<void> arrived;
  Cluster cluster([&](const Reply& request) -> std::optional<Reply> {
    if (request.code == static_cast<std::int32_t>(RequestCode::send_message_v2)) arrived.set_value();
    return std::nullopt;
  });
  ClientInstance client(client_of(cluster.names));
  Producer producer(client);
  EXPECT_TRUE(producer.send_oneway(message()).has_value());
  arrived.get_future().wait();
}

}  // namespace
}  // namespace tenon::client
