// SPDX-License-Identifier: Apache-2.0
#include "protocol-mqtt/journal/session_journal.hpp"

#include <gtest/gtest.h>
#include <unistd.h>

#include <fstream>

#include "protocol-mqtt/engine/testing/test_server.hpp"
#include "record/record_view.hpp"
#include "tenon/testing/memory_message_store.hpp"

namespace tenon::protocol_mqtt {
namespace {

constexpr std::int64_t kHourMs = 3'600'000;

/// An engine and its journal over a log in memory.
struct JournalScene {
  testing::MemoryMessageStore store;
  std::filesystem::path directory = std::filesystem::path(::testing::TempDir()) / text("mqtt-journal-", ::getpid());
  SessionJournal journal{store, directory / "checkpoint", Logger("mqtt.test")};
  TestServer server;
  AppendQueues queues;

  JournalScene() { server.engine.retained().track_changes(); }
  ~JournalScene() { std::filesystem::remove_all(directory); }
  NotedState read_again() { return SessionJournal(store, directory / "checkpoint", Logger("mqtt.test")).read(); }
};

TEST(SessionJournal, LargeRetainedMessagesTakeNothingElseWithThem) {
  JournalScene scene;
  TestClient client(scene.server, kV5);
  client.connect("kept", true, 100);
  for (const char* topic : {"a", "b", "c"}) client.publish(topic, std::string(3 << 20, 'x'), 1, true);
  scene.journal.note(scene.server.engine, scene.queues, true);
  EXPECT_EQ(scene.journal.failures(), 0U);
  scene.journal.checkpoint(scene.server.engine, scene.queues, 0);
  EXPECT_EQ(scene.journal.failures(), 0U);
  const NotedState state = scene.read_again();
  EXPECT_EQ(state.retained.size(), 3U);
  EXPECT_EQ(state.sessions.size(), 1U);
}

/// What waits for "$share/g/t", by place in the log, as a start would find it.
std::vector<std::int64_t> waiting_for_the_group(JournalScene& scene) {
  scene.journal.note(scene.server.engine, scene.queues, false);
  std::vector<std::int64_t> places;
  const NotedState state = scene.read_again();
  const auto found = state.groups.find("$share/g/t");
  if (found == state.groups.end()) return places;
  for (const auto& [number, delivery] : found->second) places.push_back(delivery.place.value);
  return places;
}

TEST(SessionJournal, KnowsWhatWaitsForASharedSubscription) {
  JournalScene scene;
  const auto sleeper = [&](std::uint32_t window) {
    auto client = std::make_unique<TestClient>(scene.server, kV5);
    mqtt::Connect connect;
    connect.client_id = "sleeper";
    connect.clean_start = false;
    connect.properties.set(mqtt::PropertyId::session_expiry_interval, 100);
    connect.properties.set(mqtt::PropertyId::receive_maximum, window);
    client->connect(connect);
    return client;
  };
  sleeper(1)->subscribe("$share/g/t", {.qos = 1});
  EXPECT_TRUE(waiting_for_the_group(scene).empty());
  for (int i = 0; i < 4; ++i) scene.server.put("t", "x");
  EXPECT_EQ(waiting_for_the_group(scene), (std::vector<std::int64_t>{0, 1, 2, 3}));
  auto awake = sleeper(1);
  EXPECT_EQ(waiting_for_the_group(scene), (std::vector<std::int64_t>{1, 2, 3})) << "one is under way";
  TestClient other(scene.server, kV5);
  other.connect("other");
  other.subscribe("$share/g/t", {.qos = 1});
  EXPECT_TRUE(waiting_for_the_group(scene).empty()) << "the other member takes them";
  awake.reset();
  other.lose();
  EXPECT_EQ(waiting_for_the_group(scene), (std::vector<std::int64_t>{1, 2, 3})) << "given back by the one that ended";
  scene.journal.checkpoint(scene.server.engine, scene.queues, 0);
  EXPECT_EQ(waiting_for_the_group(scene), (std::vector<std::int64_t>{1, 2, 3}));

  TestServer again;
  restore(again.engine, scene.read_again());
  EXPECT_EQ(again.engine.waiting_memory().count(), 3U);
}

TEST(SessionJournal, KnowsTheWillsOfSessionsThatAreNotKept) {
  JournalScene scene;
  {
    TestClient client(scene.server, kV4);
    mqtt::Connect connect;
    connect.client_id = "passing";
    connect.will.emplace();
    connect.will->topic = "will";
    client.connect(connect);
    client.publish("t", "x", 1);
    scene.journal.note(scene.server.engine, scene.queues, false);
    EXPECT_FALSE(scene.journal.keeps_queues());
    const NotedState state = scene.read_again();
    EXPECT_EQ(state.sessions.at("passing").will->message.topic, "will");
    client.disconnect();
  }
  scene.journal.note(scene.server.engine, scene.queues, false);
  EXPECT_TRUE(scene.read_again().sessions.empty());
}

TEST(SessionJournal, IsWrittenAgainBeforeRetentionTakesIt) {
  JournalScene scene;
  EXPECT_FALSE(scene.journal.wants_checkpoint(kHourMs)) << "nothing was ever noted";
  TestClient client(scene.server, kV5);
  client.connect("kept", true, 100);
  scene.journal.note(scene.server.engine, scene.queues, true);
  EXPECT_TRUE(scene.journal.wants_checkpoint(kHourMs));
  scene.journal.checkpoint(scene.server.engine, scene.queues, kHourMs);
  EXPECT_FALSE(scene.journal.wants_checkpoint(2 * kHourMs)) << "the log has not grown";
  tenon::Message other;
  other.topic = "orders";
  ASSERT_TRUE(scene.store.append(other));
  EXPECT_FALSE(scene.journal.wants_checkpoint(2 * kHourMs - 1));
  EXPECT_TRUE(scene.journal.wants_checkpoint(2 * kHourMs));
}

/// All messages of the log but the last, as if the process had been killed in between.
void copy_all_but_the_last(const MessageStore& from, MessageStore& to) {
  const std::int64_t end = from.bounds(kSessionTopic, 0).max.value - 1;
  for (std::int64_t offset = 0; offset < end; ++offset) {
    ReadRequest request;
    request.topic = kSessionTopic;
    request.offset = QueueOffset{offset};
    request.max_messages = 1;
    const ReadResult read = from.read(request);
    const auto bytes = std::get<MemorySlice>(read.records.at(0)).bytes;
    ASSERT_TRUE(to.append(record::RecordView::decode(bytes)->message()));
  }
}

TEST(SessionJournal, ABatchOfWhichTheEndIsMissingCountsForNothing) {
  JournalScene scene;
  const std::string sleeper(200, 's');
  TestClient client(scene.server, kV5);
  client.connect(sleeper, false, 100);
  client.subscribe("t", {.qos = 1});
  client.lose();
  scene.journal.note(scene.server.engine, scene.queues, true);
  for (int i = 0; i < 9000; ++i) scene.server.put("t", "x");
  scene.journal.note(scene.server.engine, scene.queues, true);
  EXPECT_EQ(scene.read_again().sessions.at(sleeper).waiting.size(), 9000U);
  testing::MemoryMessageStore cut;
  copy_all_but_the_last(scene.store, cut);
  SessionJournal again(cut, scene.directory / "checkpoint", Logger("mqtt.test"));
  EXPECT_EQ(again.read().sessions.at(sleeper).waiting.size(), 0U)
      << "the position in the queue is that of before, so they would come twice";
  EXPECT_EQ(again.end().value, 0) << "the batch of before";
}

TEST(SessionJournal, ARetainedMessageOfTheLargestSizeIsNoted) {
  JournalScene scene;
  TestClient client(scene.server, kV5);
  client.connect(std::string(200, 'p'));
  client.publish("large", std::string((4 << 20) - 20, 'x'), 1, true);
  scene.journal.note(scene.server.engine, scene.queues, false);
  EXPECT_EQ(scene.journal.failures(), 0U);
  EXPECT_EQ(scene.read_again().retained.at("large")->payload.size(), (4U << 20) - 20);
}

TEST(SessionJournal, WhatCouldNotBeWrittenIsMadeGood) {
  JournalScene scene;
  scene.store.refuse_writes("the disk is full");
  TestClient client(scene.server, kV5);
  client.connect("kept", true, 100);
  scene.journal.note(scene.server.engine, scene.queues, true);
  EXPECT_EQ(scene.journal.failures(), 1U);
  EXPECT_TRUE(scene.journal.wants_checkpoint(kHourMs));
  scene.journal.checkpoint(scene.server.engine, scene.queues, kHourMs);
  EXPECT_FALSE(scene.journal.wants_checkpoint(kHourMs + 999)) << "not all the time";
  scene.store.refuse_writes("");
  ASSERT_TRUE(scene.journal.wants_checkpoint(kHourMs + 1'000));
  scene.journal.checkpoint(scene.server.engine, scene.queues, kHourMs + 1'000);
  EXPECT_FALSE(scene.journal.wants_checkpoint(kHourMs + 30'000));
  EXPECT_TRUE(scene.read_again().sessions.contains("kept"));
  EXPECT_TRUE(scene.journal.keeps_queues());
}

TEST(SessionJournal, NothingIsWrittenBehindAGap) {
  JournalScene scene;
  TestClient client(scene.server, kV5);
  client.connect("kept", true, 100);
  client.subscribe("t", {.qos = 1});
  client.lose();
  scene.journal.note(scene.server.engine, scene.queues, true);
  scene.store.refuse_writes("the disk is full");
  scene.server.put("t", "lost batch");
  scene.journal.note(scene.server.engine, scene.queues, true);
  EXPECT_TRUE(scene.journal.behind());
  scene.store.refuse_writes("");
  scene.server.put("t", "next batch");
  scene.journal.note(scene.server.engine, scene.queues, true);
  EXPECT_TRUE(scene.read_again().sessions.at("kept").waiting.empty())
      << "how it was before the gap: the log is dispatched again from there";
  scene.journal.checkpoint(scene.server.engine, scene.queues, kHourMs);
  EXPECT_FALSE(scene.journal.behind());
  EXPECT_EQ(scene.read_again().sessions.at("kept").waiting.size(), 2U);
}

/// A group with a member whose session is kept and one whose session is not.
struct Lending : JournalScene {
  TestClient kept{server, kV5};
  TestClient passing{server, kV5};
  Lending() {
    kept.connect("kept", true, 100);
    kept.subscribe("$share/g/t", {.qos = 1});
    kept.lose();
    passing.connect("passing");
    passing.subscribe("$share/g/t", {.qos = 1});
    server.put("t", "1");
    server.put("t", "2");
  }
  std::size_t lent_after_a_crash() {
    journal.note(server.engine, queues, true);
    const NotedState state = read_again();
    return state.lent.contains("$share/g/t") ? state.lent.at("$share/g/t").size() : 0;
  }
};

TEST(SessionJournal, WhatAGroupHasLentGoesToAnotherMemberAfterACrash) {
  Lending scene;
  const auto got = scene.passing.take();
  ASSERT_EQ(got.size(), 2U);
  EXPECT_EQ(scene.lent_after_a_crash(), 2U);
  scene.passing.answer(mqtt::PacketType::puback, got[0].as<mqtt::Publish>().packet_id);
  EXPECT_EQ(scene.lent_after_a_crash(), 1U);
  TestServer next;
  next.log = scene.server.log;
  next.dispatched = next.log.size();
  restore(next.engine, scene.read_again());
  TestClient again(next, kV5);
  again.connect("kept", false, 100);
  EXPECT_EQ(again.take_messages(), std::vector<std::string>{"t=2"});
}

TEST(SessionJournal, WhatAGroupHasLentIsWrittenAgainAtACheckpoint) {
  Lending scene;
  scene.journal.checkpoint(scene.server.engine, scene.queues, kHourMs);
  EXPECT_EQ(scene.lent_after_a_crash(), 2U);
  scene.passing.lose();
  EXPECT_EQ(scene.lent_after_a_crash(), 0U);
  EXPECT_EQ(scene.read_again().groups.at("$share/g/t").size(), 2U) << "they wait for the group again";
}

TEST(SessionJournal, ACheckpointThatTheLogHasLostIsNotMissed) {
  JournalScene scene;
  TestClient client(scene.server, kV5);
  client.connect("kept", true, 100);
  scene.journal.note(scene.server.engine, scene.queues, true);
  for (const char* place : {"1", "1000"}) {  // the end of the log, and beyond it
    std::filesystem::create_directories(scene.directory);
    std::ofstream(scene.directory / "checkpoint") << place;
    EXPECT_TRUE(scene.read_again().sessions.contains("kept")) << place;
  }
}

TEST(SessionJournal, ACheckpointForgetsWhatIsNotInIt) {
  NotedState state;
  std::string batch;
  put_queue(batch, "t", 0, QueueOffset{7});
  put_not_retained(batch, "t");
  put_checkpoint(batch);
  ASSERT_TRUE(state.apply(batch));
  EXPECT_FALSE(state.queues_known);
  EXPECT_TRUE(state.has_checkpoint);
}

}  // namespace
}  // namespace tenon::protocol_mqtt
