// SPDX-License-Identifier: Apache-2.0
#include "remoting/digits.hpp"

#include <gtest/gtest.h>

#include <limits>
#include <random>
#include <string>

namespace tenon::remoting {
namespace {

std::string written(std::int64_t number) {
  char room[24];
  return {room, write_number(room, number)};
}

std::int64_t taken(const std::string& text, std::size_t& behind) {
  const char* at = text.data();
  const std::int64_t number = take_digits(at, text.data() + text.size());
  behind = static_cast<std::size_t>(at - text.data());
  return number;
}

TEST(Digits, AreWrittenAndTakenBack) {
  const auto seed = std::random_device{}();
  SCOPED_TRACE("seed " + std::to_string(seed));
  std::mt19937_64 random(seed);
  std::int64_t power = 1;
  for (int digits = 1; digits <= 18; ++digits, power *= 10) {
    for (int round = 0; round < 2000; ++round) {
      std::int64_t number = power + static_cast<std::int64_t>(random() % static_cast<std::uint64_t>(9 * power));
      if (round < 3) number = power - 1 + round;
      ASSERT_EQ(written(number), std::to_string(number));
      std::size_t behind = 0;
      for (const char* behind_it : {"", ",", "\",\"h\":\"0\",\"i\":\"longer than a block"}) {
        ASSERT_EQ(taken(std::to_string(number) + behind_it, behind), number);
        ASSERT_EQ(behind, std::to_string(number).size());
      }
    }
  }
}

TEST(Digits, OfExtremes) {
  using Limits = std::numeric_limits<std::int64_t>;
  for (const std::int64_t number : {Limits::min(), std::int64_t{-1}, std::int64_t{0}, Limits::max()}) {
    EXPECT_EQ(written(number), std::to_string(number));
  }
}

TEST(Digits, EndAtWhatIsNone) {
  std::size_t behind = 0;
  for (int other = 0; other < 256; ++other) {
    if (other >= '0' && other <= '9') continue;
    for (std::size_t place = 0; place < 17; ++place) {
      std::string text(17, '7');
      text[place] = static_cast<char>(other);
      EXPECT_EQ(taken(text, behind), place == 0 ? 0 : std::stoll(std::string(place, '7')));
      EXPECT_EQ(behind, place);
    }
  }
  EXPECT_EQ(taken(std::string(30, '1'), behind), 111'111'111'111'111'111);
  EXPECT_EQ(behind, 18u);
}

}  // namespace
}  // namespace tenon::remoting
