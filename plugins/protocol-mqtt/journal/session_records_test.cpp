// SPDX-License-Identifier: Apache-2.0
#include "protocol-mqtt/journal/session_records.hpp"

#include <gtest/gtest.h>

#include <random>

namespace tenon::protocol_mqtt {
namespace {

/// A session with something of everything.
struct RichSession {
  WaitingMemory memory{1 << 20};
  Session session{"client"};

  RichSession() {
    session.user_name = "alice";
    session.expiry_s = 100;
    session.disconnected_at_ms = 5;
    session.will = std::make_unique<SessionWill>();
    session.will->message.topic = "will";
    session.will->message.payload = "gone";
    session.will->delay_s = 3;
    session.inbound.add({9, false});
    session.inbound.add({7, true});
    Outbound& outbound = session.make_outbound(memory);
    const std::uint32_t ids[] = {4, 5};
    Delivery delivery;
    delivery.place = PhysicalOffset{1000};
    delivery.qos = 2;
    delivery.ids = outbound.index_of(ids);
    outbound.put_inflight(delivery, 11).received = true;
    outbound.waiting_first = 20;
    outbound.waiting.push_back({});
    delivery.place = PhysicalOffset{2000};
    outbound.waiting.push_back(delivery);
    outbound.set_last_packet_id(11);
  }
};

std::string batch_of(Session& session) {
  std::string batch;
  put_session(batch, session);
  for (std::size_t i = 0; i < session.outbound().waiting.size(); ++i) {
    put_waiting(batch, session, session.outbound().waiting_first + i, session.outbound().waiting[i]);
  }
  return batch;
}

TEST(SessionRecords, SayEverythingOfASession) {
  RichSession rich;
  NotedState state;
  ASSERT_TRUE(state.apply(batch_of(rich.session)));
  ASSERT_EQ(state.sessions.size(), 1U);
  const NotedSession& noted = state.sessions.at("client");
  EXPECT_EQ(noted.user_name, "alice");
  EXPECT_EQ(noted.expiry_s, 100U);
  EXPECT_EQ(noted.will->message.payload, "gone");
  EXPECT_EQ(noted.will->delay_s, 3U);
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
  session.inbound.add({7, false, true});
  session.inbound.add({9, false, false});
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
  RichSession rich;
  const std::string before = batch_of(rich.session);
  rich.session.outbound().take_waiting();
  std::string after;
  put_session(after, rich.session);
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
  RichSession rich;
  const std::string good = batch_of(rich.session);
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
