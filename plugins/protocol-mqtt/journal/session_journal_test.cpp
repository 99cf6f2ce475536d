// SPDX-License-Identifier: Apache-2.0
#include "protocol-mqtt/journal/session_journal.hpp"

#include <gtest/gtest.h>
#include <unistd.h>

#include "protocol-mqtt/engine/testing/test_server.hpp"
#include "tenon/testing/memory_message_store.hpp"

namespace tenon::protocol_mqtt {
namespace {

constexpr std::int64_t kHourMs = 3'600'000;

/// An engine and its journal over a log in memory.
struct Scene {
  testing::MemoryMessageStore store;
  std::filesystem::path directory = std::filesystem::path(::testing::TempDir()) / text("mqtt-journal-", ::getpid());
  SessionJournal journal{store, directory / "checkpoint", Logger("mqtt.test")};
  TestServer server;
  AppendQueues queues;

  Scene() { server.engine.retained().track_changes(); }
  ~Scene() { std::filesystem::remove_all(directory); }
  NotedState read_again() { return SessionJournal(store, directory / "checkpoint", Logger("mqtt.test")).read(); }
};

TEST(SessionJournal, LargeRetainedMessagesTakeNothingElseWithThem) {
  Scene scene;
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

TEST(SessionJournal, IsWrittenAgainBeforeRetentionTakesIt) {
  Scene scene;
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

}  // namespace
}  // namespace tenon::protocol_mqtt
