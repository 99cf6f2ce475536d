// SPDX-License-Identifier: Apache-2.0
#include "protocol-mqtt/journal/session_records.hpp"

#include <gtest/gtest.h>

#include <random>

namespace tenon::protocol_mqtt {
namespace {

/// A session with something of everything.
std::shared_ptr<Session> rich_session() {
  auto session = std::make_shared<Session>("client");
  session->user_name = "alice";
  session->expiry_s = 100;
  session->disconnected_at_ms = 5;
  auto will = std::make_shared<OwnedMessage>();
  will->topic = "will";
  will->payload = "gone";
  will->qos = 1;
  session->will = will;
  session->will_delay_s = 3;
  session->inbound = {{7, true}, {9, false}};
  Outbound& outbound = session->outbound();
  const std::uint32_t ids[] = {4, 5};
  Inflight& inflight = outbound.inflight.emplace_back();
  inflight.packet_id = 11;
  inflight.received = true;
  inflight.delivery.place = PhysicalOffset{1000};
  inflight.delivery.qos = 2;
  inflight.delivery.ids = outbound.index_of(ids);
  outbound.waiting_first = 20;
  outbound.waiting.resize(2);
  outbound.waiting[1].place = PhysicalOffset{2000};
  outbound.waiting[1].qos = 1;
  outbound.set_last_packet_id(11);
  return session;
}

std::string batch_of(Session& session) {
  std::string batch;
  put_session(batch, session);
  for (std::size_t i = 0; i < session.outbound().waiting.size(); ++i) {
    put_waiting(batch, session, session.outbound().waiting_first + i, session.outbound().waiting[i]);
  }
  return batch;
}

TEST(SessionRecords, SayEverythingOfASession) {
  const auto session = rich_session();
  NotedState state;
  ASSERT_TRUE(state.apply(batch_of(*session)));
  ASSERT_EQ(state.sessions.size(), 1U);
  const NotedSession& noted = state.sessions.at("client");
  EXPECT_EQ(noted.user_name, "alice");
  EXPECT_EQ(noted.expiry_s, 100U);
  EXPECT_EQ(noted.will->payload, "gone");
  EXPECT_EQ(noted.will_delay_s, 3U);
  ASSERT_EQ(noted.inbound.size(), 2U);
  EXPECT_TRUE(noted.inbound[0].stored);
  ASSERT_EQ(noted.inflight.size(), 1U);
  EXPECT_EQ(noted.inflight[0].packet_id, 11);
  EXPECT_TRUE(noted.inflight[0].received);
  EXPECT_EQ(noted.inflight[0].noted.identifiers, (std::vector<std::uint32_t>{4, 5}));
  ASSERT_EQ(noted.waiting.size(), 2U);
  EXPECT_EQ(noted.waiting.at(21).delivery.place.value, 2000);
}

TEST(SessionRecords, AQos2MessageThatTheLogHasIsStoredWhoeverSaysSo) {
  Session session("client");
  session.expiry_s = 100;
  session.inbound = {{7, false, true}, {9, false, false}};
  std::string batch;
  put_session(batch, session);
  NotedState state;
  ASSERT_TRUE(state.apply(batch));
  const auto& inbound = state.sessions.at("client").inbound;
  ASSERT_EQ(inbound.size(), 2U);
  EXPECT_TRUE(inbound[0].stored);
  EXPECT_FALSE(inbound[1].stored);
}

TEST(SessionRecords, ReadTwiceChangesNothing) {
  const auto session = rich_session();
  const std::string before = batch_of(*session);
  session->outbound().take_waiting();
  std::string after;
  put_session(after, *session);
  NotedState state;
  for (const std::string& batch : {before, after, before, after}) ASSERT_TRUE(state.apply(batch));
  EXPECT_EQ(state.sessions.at("client").waiting.size(), 1U);
  std::string end;
  put_ended(end, "client");
  ASSERT_TRUE(state.apply(end));
  EXPECT_TRUE(state.sessions.empty());
}

TEST(SessionRecords, RetainedAndQueues) {
  OwnedMessage message;
  message.topic = "t";
  message.payload = "x";
  std::string batch;
  put_retained(batch, message);
  put_queue(batch, "orders", 3, QueueOffset{17});
  NotedState state;
  ASSERT_TRUE(state.apply(batch));
  EXPECT_EQ(state.retained.at("t")->payload, "x");
  EXPECT_TRUE(state.queues_known);
  EXPECT_EQ((state.queues.at({"orders", 3}).value), 17);
  batch.clear();
  put_not_retained(batch, "t");
  put_queues_void(batch);
  ASSERT_TRUE(state.apply(batch));
  EXPECT_TRUE(state.retained.empty());
  EXPECT_FALSE(state.queues_known);
}

TEST(SessionRecords, DamageIsNoticedAndHarmless) {
  const unsigned seed = std::random_device{}();
  SCOPED_TRACE(seed);
  std::mt19937 random(seed);
  const auto session = rich_session();
  const std::string good = batch_of(*session);
  for (std::size_t size = 1; size < good.size(); ++size) {
    NotedState state;
    static_cast<void>(state.apply(std::string_view(good).substr(0, size)));
  }
  for (int round = 0; round < 20'000; ++round) {
    std::string bad = good;
    for (unsigned i = 0; i <= random() % 4; ++i) bad[random() % bad.size()] = static_cast<char>(random());
    NotedState state;
    static_cast<void>(state.apply(bad));
  }
}

}  // namespace
}  // namespace tenon::protocol_mqtt
