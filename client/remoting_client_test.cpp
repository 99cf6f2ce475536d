// SPDX-License-Identifier: Apache-2.0
#include "client/remoting_client.hpp"

#include <gtest/gtest.h>

#include <atomic>
#include <future>

#include "client/fake_server.hpp"
#include "client/name_server_client.hpp"
#include "tenon/text.hpp"

namespace tenon::client {
namespace {

using remoting::RequestCode;

constexpr Milliseconds kLong{10'000};

Request asking(std::string_view topic) {
  Request request(RequestCode::get_routeinfo_by_topic);
  request.field("topic", topic).body("the body");
  return request;
}

std::optional<Reply> echo(const Reply& request) {
  return success({{"topic", std::string(request.field("topic").value_or(""))}}, request.body);
}

TEST(RemotingClient, MatchesManyAnswersWithTheirRequests) {
  FakeServer server(echo);
  RemotingClient client;
  constexpr int count = 500;
  std::atomic<int> right{0}, left{count};
  std::promise<void> all;
  for (int i = 0; i < count; ++i) {
    client.call(server.address(), asking(std::to_string(i)), kLong, [&, i](Result<Reply> reply) {
      if (reply && reply->field("topic") == std::to_string(i) && reply->body == "the body") ++right;
      if (--left == 0) all.set_value();
    });
  }
  all.get_future().wait();
  EXPECT_EQ(right, count);
}

TEST(RemotingClient, ARefusalIsAnAnswer) {
  FakeServer server([](const Reply&) { return refusal(17, "no route"); });
  RemotingClient client;
  const auto reply = client.call(server.address(), asking("T"), kLong);
  ASSERT_TRUE(reply.has_value());
  EXPECT_EQ(reply->code, 17);
  EXPECT_EQ(reply->remark, "no route");
}

TEST(RemotingClient, SaysSoWhenNobodyAnswersInTime) {
  FakeServer server([](const Reply&) { return std::nullopt; });
  RemotingClient client;
  const auto reply = client.call(server.address(), asking("T"), Milliseconds{20});
  ASSERT_FALSE(reply.has_value());
  EXPECT_TRUE(reply.error().is(Errc::timed_out)) << reply.error().message();
}

TEST(RemotingClient, SaysSoWhenNobodyListens) {
  std::string address;
  { address = FakeServer(echo).address(); }
  RemotingClient client;
  const auto reply = client.call(address, asking("T"), kLong);
  ASSERT_FALSE(reply.has_value());
  EXPECT_TRUE(reply.error().is(Errc::disconnected)) << reply.error().message();
  EXPECT_NE(reply.error().message().find(address), std::string::npos);
}

TEST(RemotingClient, RefusesWhatIsNoAddress) {
  RemotingClient client;
  for (const char* const address : {"localhost", "localhost:", "localhost:0", "localhost:65536", "localhost:9876x",
                                    "http://localhost:8080/rocketmq/nsaddr", "http://localhost:8080"}) {
    const auto reply = client.call(address, asking("T"), kLong);
    ASSERT_FALSE(reply.has_value());
    EXPECT_TRUE(reply.error().is(Errc::invalid_parameter)) << reply.error().message();
    EXPECT_NE(reply.error().message().find("HOST:PORT"), std::string::npos) << reply.error().message();
  }
}

TEST(RemotingClient, FailsWhatIsInFlightWhenTheConnectionBreaksAndConnectsAgain) {
  std::promise<void> arrived;
  std::atomic<bool> silent{true};
  FakeServer server([&](const Reply& request) -> std::optional<Reply> {
    if (!silent) return echo(request);
    arrived.set_value();
    return std::nullopt;
  });
  RemotingClient client;
  std::promise<Result<Reply>> broken;
  client.call(server.address(), asking("T"), kLong, [&](Result<Reply> reply) { broken.set_value(std::move(reply)); });
  arrived.get_future().wait();
  silent = false;
  server.hang_up();
  const auto first = broken.get_future().get();
  ASSERT_FALSE(first.has_value());
  EXPECT_TRUE(first.error().is(Errc::disconnected)) << first.error().message();
  EXPECT_TRUE(client.call(server.address(), asking("T"), kLong).has_value());
}

TEST(RemotingClient, HandsPushesToTheHandler) {
  FakeServer server(echo);
  RemotingClient client;
  std::promise<std::string> pushed;
  client.on_push([&](const std::string&, const Reply& push) {
    pushed.set_value(std::string(push.field("consumerGroup").value_or("")));
    return std::optional<Reply>{};
  });
  ASSERT_TRUE(client.call(server.address(), asking("T"), kLong).has_value());
  Request notify(RequestCode::notify_consumer_ids_changed);
  notify.field("consumerGroup", "g1");
  server.push(notify);
  EXPECT_EQ(pushed.get_future().get(), "g1");
}

TEST(RemotingClient, CallsBackEverythingWhenItEnds) {
  std::promise<Result<Reply>> outcome;
  FakeServer server([](const Reply&) { return std::nullopt; });
  {
    RemotingClient client;
    client.call(server.address(), asking("T"), kLong,
                [&](Result<Reply> reply) { outcome.set_value(std::move(reply)); });
  }
  const auto reply = outcome.get_future().get();
  ASSERT_FALSE(reply.has_value());
  EXPECT_TRUE(reply.error().is(Errc::shutting_down)) << reply.error().message();
}

TEST(NameServerClient, GoesOnToTheNextServerAndStaysThere) {
  std::string dead;
  { dead = FakeServer(echo).address(); }
  std::atomic<int> asked{0};
  FakeServer alive([&](const Reply&) {
    ++asked;
    return success({}, R"({"topicList":["A","B"]})");
  });
  RemotingClient client;
  NameServerClient names(client, text(dead, ";", alive.address()));
  EXPECT_EQ(names.topics().value(), (std::vector<std::string>{"A", "B"}));
  EXPECT_EQ(names.topics().value().size(), 2U);
  EXPECT_EQ(asked, 2);
}

TEST(NameServerClient, AnUnknownTopicIsNoReasonToAskAnother) {
  FakeServer server([](const Reply&) { return refusal(17, "No topic route info in name server for the topic: T"); });
  RemotingClient client;
  NameServerClient names(client, server.address());
  const auto route = names.route_of("T");
  ASSERT_FALSE(route.has_value());
  EXPECT_TRUE(route.error().is(Errc::topic_not_exist));
  EXPECT_NE(route.error().message().find("17 TOPIC_NOT_EXIST"), std::string::npos) << route.error().message();
}

}  // namespace
}  // namespace tenon::client
