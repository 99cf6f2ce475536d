// SPDX-License-Identifier: Apache-2.0
#include "protocol-native/admin/assignments.hpp"

#include <gmock/gmock.h>

namespace tenon::protocol_native {
namespace {

using testing::ElementsAre;

std::vector<int> ids(std::string_view strategy, int queues, std::vector<std::string> clients, std::string_view me) {
  std::vector<MessageQueue> all;
  for (int id = queues; id-- > 0;) all.push_back({"T", "b", id});
  std::vector<int> mine;
  for (const auto& queue : assigned_queues(strategy, all, std::move(clients), me)) mine.push_back(queue.queue_id);
  return mine;
}

TEST(Assignments, AverageGivesRunsOfNeighbours) {
  EXPECT_THAT(ids("AVG", 8, {"c", "a", "b"}, "a"), ElementsAre(0, 1, 2));
  EXPECT_THAT(ids("AVG", 8, {"c", "a", "b"}, "b"), ElementsAre(3, 4, 5));
  EXPECT_THAT(ids("AVG", 8, {"c", "a", "b"}, "c"), ElementsAre(6, 7));
  EXPECT_THAT(ids("AVG", 1, {"a", "b"}, "b"), ElementsAre());
}

TEST(Assignments, ByCircleDealsOneByOne) {
  EXPECT_THAT(ids("AVG_BY_CIRCLE", 8, {"a", "b", "c"}, "b"), ElementsAre(1, 4, 7));
}

TEST(Assignments, StrangersGetNothing) {
  EXPECT_THAT(ids("AVG", 8, {"a"}, "b"), ElementsAre());
  EXPECT_THAT(ids("AVG", 8, {}, "b"), ElementsAre());
  EXPECT_FALSE(is_known_strategy("CONSISTENT_HASH"));
}

}  // namespace
}  // namespace tenon::protocol_native
