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

/// As ids(), of queues 0 to `queues` - 1 of one broker.
std::vector<int> popped(std::string_view strategy, int queues, std::vector<std::string> clients, std::string_view me,
                        int share_count) {
  std::vector<MessageQueue> all;
  for (int id = queues; id-- > 0;) all.push_back({"T", "b", id});
  std::vector<int> mine;
  for (const auto& queue : popped_queues(strategy, all, std::move(clients), me, share_count)) {
    mine.push_back(queue.queue_id);
  }
  return mine;
}

TEST(PopAssignments, EverybodyPopsFromAllOfABroker) {
  const std::vector<std::string> four{"a", "b", "c", "d"};
  for (const int share : {-1, 0, 3, 4, 100}) EXPECT_THAT(popped("AVG", 8, four, "b", share), ElementsAre(-1)) << share;
  EXPECT_THAT(popped("AVG", 8, {"a"}, "a", 1), ElementsAre(-1));
  EXPECT_THAT(popped("AVG", 8, {}, "stranger", 2), ElementsAre(-1));
  EXPECT_THAT(popped("AVG", 0, four, "a", 0), ElementsAre());
}

TEST(PopAssignments, EveryBrokerIsNamedOnce) {
  const std::vector<MessageQueue> queues{{"T", "b", 1}, {"T", "a", 0}, {"T", "b", 0}, {"T", "a", 1}};
  EXPECT_THAT(popped_queues("AVG", queues, {"me"}, "me", 0),
              ElementsAre(MessageQueue{"T", "a", -1}, MessageQueue{"T", "b", -1}));
}

TEST(PopAssignments, ClientsShareWithTheNextOnes) {
  const std::vector<std::string> four{"d", "b", "c", "a"};
  EXPECT_THAT(popped("AVG", 8, four, "a", 1), ElementsAre(0, 1, 2, 3));
  EXPECT_THAT(popped("AVG", 8, four, "a", 2), ElementsAre(0, 1, 2, 3, 4, 5));
  EXPECT_THAT(popped("AVG", 8, four, "d", 1), ElementsAre(6, 7, 0, 1));
  EXPECT_THAT(popped("AVG_BY_CIRCLE", 8, four, "c", 1), ElementsAre(2, 6, 3, 7));
  EXPECT_THAT(popped("AVG", 8, four, "stranger", 1), ElementsAre());
}

TEST(PopAssignments, WithFewQueuesClientsShareOne) {
  const std::vector<std::string> five{"a", "b", "c", "d", "e"};
  EXPECT_THAT(popped("AVG", 3, five, "b", 2), ElementsAre(1));
  EXPECT_THAT(popped("AVG", 3, five, "e", 2), ElementsAre(1));
  EXPECT_THAT(popped("AVG", 3, five, "stranger", 2), ElementsAre());
  EXPECT_THAT(popped("AVG", 0, five, "a", 2), ElementsAre());
}

}  // namespace
}  // namespace tenon::protocol_native
