// SPDX-License-Identifier: Apache-2.0
#include "routing/cold_reading.hpp"

#include <gtest/gtest.h>

namespace tenon::kernel {
namespace {

class ColdReadingTest : public ::testing::Test {
 protected:
  void miss(std::int32_t queue_id) {
    ReadResult read;
    read.status = ReadStatus::not_in_memory;
    reading.note(queue_id, read);
  }
  void find(std::int32_t queue_id, std::int64_t bytes, std::int64_t bytes_behind = 1LL << 40) {
    ReadResult read;
    read.status = ReadStatus::found;
    read.total_bytes = bytes;
    read.bytes_behind = bytes_behind;
    reading.note(queue_id, read);
  }

  ColdReading reading;
};

TEST_F(ColdReadingTest, BeginsWhereAReadWouldHaveWaited) {
  find(3, 1'000);
  EXPECT_FALSE(reading.goes_on());
  miss(3);
  EXPECT_TRUE(reading.goes_on());
  EXPECT_TRUE(reading.goes_on(3));
  EXPECT_FALSE(reading.goes_on(4)) << "of another queue it may read what has just been written";
}

TEST_F(ColdReadingTest, EndsWhereNothingComesOffTheDiskAnyMore) {
  miss(3);
  find(3, ColdReading::kStretchBytes - 1);
  EXPECT_TRUE(reading.goes_on(3));
  find(3, 1);
  EXPECT_FALSE(reading.goes_on());
  miss(4);
  EXPECT_FALSE(reading.goes_on(3)) << "what has ended does not begin with another queue";
}

TEST_F(ColdReadingTest, EndsForAQueueWithItsEndInSight) {
  miss(3);
  miss(4);
  find(3, 1, ColdReading::kCaughtUpBytes - 1);
  EXPECT_FALSE(reading.goes_on(3));
  EXPECT_TRUE(reading.goes_on(4));
}

}  // namespace
}  // namespace tenon::kernel
