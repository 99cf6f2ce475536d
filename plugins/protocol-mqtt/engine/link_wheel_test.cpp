// SPDX-License-Identifier: Apache-2.0
#include "protocol-mqtt/engine/link_wheel.hpp"

#include <gtest/gtest.h>

#include <memory>

namespace tenon::protocol_mqtt {
namespace {

struct Entry : Wheeled {
  std::int64_t due_ms = 0;
  std::int64_t seen_ms = 0;
};

constexpr std::int64_t kStart = 1'700'000'000'000;

/// Lets the clock run second by second; an entry that is looked at too early goes in again.
void run(LinkWheel& wheel, std::int64_t from_ms, std::int64_t seconds) {
  for (std::int64_t now = from_ms; now <= from_ms + 1000 * seconds; now += 1000) {
    wheel.turn(now, [&](Wheeled& wheeled) {
      auto& entry = static_cast<Entry&>(wheeled);
      if (entry.due_ms < now) {
        entry.seen_ms = now;
      } else {
        wheel.put(entry, entry.due_ms);
      }
    });
  }
}

TEST(MqttLinkWheel, EachIsSeenInTheSecondAfterItsTime) {
  for (const std::int64_t seconds : {0, 1, 2, 127, 128, 129, 1000}) {
    LinkWheel wheel;
    wheel.turn(kStart, [](Wheeled&) {});
    Entry entry;
    entry.due_ms = kStart + 1000 * seconds + 500;
    wheel.put(entry, entry.due_ms);
    run(wheel, kStart, 1100);
    EXPECT_EQ(entry.seen_ms, kStart + 1000 * (seconds + 1)) << seconds;
  }
}

TEST(MqttLinkWheel, AJumpOfTheClockLosesNobody) {
  for (const std::int64_t jump : {-1'000'000, 1'000'000}) {
    LinkWheel wheel;
    wheel.turn(kStart, [](Wheeled&) {});
    Entry entry;
    wheel.put(entry, kStart + 50'000);
    int looked_at = 0;
    wheel.turn(kStart + jump, [&](Wheeled&) { ++looked_at; });
    EXPECT_EQ(looked_at, 1) << jump;
  }
}

TEST(MqttLinkWheel, OneThatGoesWhileOthersAreSeenIsNotSeen) {
  LinkWheel wheel;
  wheel.turn(kStart, [](Wheeled&) {});
  Entry first;
  auto second = std::make_unique<Entry>();
  wheel.put(first, kStart);
  wheel.put(*second, kStart);
  int looked_at = 0;
  wheel.turn(kStart + 1000, [&](Wheeled&) {
    ++looked_at;
    second.reset();
  });
  EXPECT_EQ(looked_at, 1);
  EXPECT_EQ(wheel.any(), nullptr);
}

}  // namespace
}  // namespace tenon::protocol_mqtt
