// SPDX-License-Identifier: Apache-2.0
#include "replication/claims_ahead.hpp"

#include <gtest/gtest.h>

namespace tenon::replication {
namespace {

TEST(ClaimsAhead, RefusesTheSameClaimOfTheSameSlave) {
  ClaimsAhead claims;
  claims.add("a", {100});
  EXPECT_FALSE(claims.admits("a", {100}));
  EXPECT_TRUE(claims.admits("a", {99}));
  EXPECT_TRUE(claims.admits("b", {100}));
}

TEST(ClaimsAhead, ForgivesWhoeverWasEmptied) {
  ClaimsAhead claims;
  claims.add("a", {100});
  claims.add("b", {100});
  EXPECT_TRUE(claims.admits("a", {}));
  EXPECT_TRUE(claims.admits("a", {100}));
  EXPECT_FALSE(claims.admits("b", {100}));
}

TEST(ClaimsAhead, KeepsTheNewest) {
  ClaimsAhead claims;
  claims.add("a", {1});
  for (int round = 0; round < 2; ++round) {
    for (std::int64_t end = 2; end < 2 + static_cast<std::int64_t>(ClaimsAhead::kClaimsMax); ++end)
      claims.add("a", {end});
  }
  EXPECT_TRUE(claims.admits("a", {1}));
  EXPECT_FALSE(claims.admits("a", {2}));
}

}  // namespace
}  // namespace tenon::replication
