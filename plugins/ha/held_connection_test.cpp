// SPDX-License-Identifier: Apache-2.0
// A master that speaks the classic protocol lets a slave in whatever its log is: it is asked first.
#include <gtest/gtest.h>

#include "ha/testing/side.hpp"

namespace tenon::ha {
namespace {

using testing::eventually;
using testing::Side;

TEST(HeldConnection, AClassicMasterIsListenedToWhenSomebodyHasAskedIt) {
  HaSettings classic;
  classic.speaks_extended = false;
  Side master(0), slave(1, classic);
  slave.asks_classic_masters = true;
  slave.restart();
  master.lead();
  master.append_many(1);
  slave.follow(master);
  const auto is_held = [&] { return slave.engine->held_connection() != 0 && slave.engine->follows(); };
  ASSERT_TRUE(eventually(is_held));
  const std::uint64_t first = slave.engine->held_connection();
  EXPECT_EQ(slave.messages(), 0);
  slave.engine->go_on(first);
  EXPECT_EQ(slave.engine->held_connection(), 0U);
  ASSERT_TRUE(eventually([&] { return slave.has_all_of(master); }));
  master.append_many(1);
  ASSERT_TRUE(eventually([&] { return slave.has_all_of(master); })) << "as long as that connection lasts";

  slave.engine->doubt_master("it is another one");
  slave.engine->doubt_master({});
  master.append_many(1);
  ASSERT_TRUE(eventually(is_held)) << "each connection may be to another one";
  slave.engine->go_on(first);
  EXPECT_NE(slave.engine->held_connection(), 0U) << "that was said of the one before";
  EXPECT_EQ(slave.messages(), 2);
  slave.engine->go_on(slave.engine->held_connection());
  EXPECT_TRUE(eventually([&] { return slave.has_all_of(master); }));
  EXPECT_FALSE(slave.engine->took_unseen());
}

TEST(HeldConnection, AClassicMasterThatNobodyCouldAskIsTakenAsItIs) {
  HaSettings classic;
  classic.speaks_extended = false;
  Side master(0), slave(1, classic);
  slave.asks_classic_masters = true;
  slave.restart();
  master.lead();
  master.append_many(1);
  slave.follow(master);
  EXPECT_TRUE(eventually([&] { return slave.has_all_of(master); }));
  EXPECT_TRUE(slave.engine->took_unseen());
  EXPECT_FALSE(slave.engine->took_unseen());
}

}  // namespace
}  // namespace tenon::ha
