// SPDX-License-Identifier: Apache-2.0
#include "logstore/pacing.hpp"

#include <gtest/gtest.h>

#include <vector>

namespace tenon::logstore {
namespace {

using std::chrono::hours, std::chrono::milliseconds;

/// Does `pieces`, and says how long it was told to wait.
milliseconds waited(Pacing& pacing, std::size_t pieces, std::vector<milliseconds>& pauses) {
  pacing.begin(pieces);
  for (std::size_t piece = 0; piece < pieces; ++piece) pacing.step();
  milliseconds longest{0};
  for (const milliseconds pause : pauses) longest = std::max(longest, pause);
  return longest;
}

// Nobody waits in these tests, so the last pause is as long as the whole work is to take.
TEST(Pacing, GivesEachPieceItsTime) {
  std::vector<milliseconds> pauses;
  Pacing pacing(hours(1), hours(1000), [&](milliseconds time) { return pauses.push_back(time), true; });
  const milliseconds longest = waited(pacing, 160, pauses);
  EXPECT_GT(pauses.size(), 1u) << "or the pieces come all at once";
  EXPECT_GT(longest, hours(159));
  EXPECT_LE(longest, hours(160));
}

TEST(Pacing, IsDoneInTime) {
  std::vector<milliseconds> pauses;
  Pacing pacing(hours(1), hours(10), [&](milliseconds time) { return pauses.push_back(time), true; });
  EXPECT_LE(waited(pacing, 1600, pauses), hours(10));
}

TEST(Pacing, HurriesOnceItIsTold) {
  std::vector<milliseconds> pauses;
  Pacing pacing(hours(1), hours(1000), [&](milliseconds time) { return pauses.push_back(time), false; });
  (void)waited(pacing, 160, pauses);
  EXPECT_EQ(pauses.size(), 1u);
  Pacing().step();
}

}  // namespace
}  // namespace tenon::logstore
