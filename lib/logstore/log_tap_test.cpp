// SPDX-License-Identifier: Apache-2.0
// One log copied to another as bytes, in pieces of every size: the copy serves the same.
#include <random>

#include "logstore/testing/test_store.hpp"

namespace tenon::logstore {
namespace {

using testing::TestStore;

std::span<const std::byte> bytes_of(const LogStretch& stretch) { return std::get<MemorySlice>(stretch.bytes).bytes; }

class LogTapTest : public ::testing::Test {
 protected:
  void SetUp() override {
    ASSERT_TRUE(source_.open().has_value());
    ASSERT_TRUE(copy_.open().has_value());
  }
  void fill(int from, int to) {
    for (int count = from; count < to; ++count) {
      const std::string number = std::to_string(count);
      ASSERT_TRUE(source_.append("T" + std::to_string(count % 3), count % 2, number, "KEYS\1k" + number + "\2"));
    }
  }
  /// Everything that is not there yet, in pieces of at most `piece` bytes.
  void replicate(std::int64_t piece) {
    while (copy_->log_received() < source_->log_max()) {
      const auto stretch = source_->read_log(copy_->log_received(), piece, ReadForm::in_memory);
      ASSERT_TRUE(stretch.has_value());
      ASSERT_GT(stretch->length, 0);
      const Status taken = copy_->append_log(stretch->begin, bytes_of(*stretch));
      ASSERT_TRUE(taken.has_value()) << taken.error().message();
    }
  }
  void expect_the_same() {
    EXPECT_EQ(copy_->log_max(), source_->log_max());
    for (int topic = 0; topic < 3; ++topic) {
      const std::string name = "T" + std::to_string(topic);
      for (std::int32_t queue = 0; queue < 2; ++queue) {
        ASSERT_EQ(copy_->bounds(name, queue).max, source_->bounds(name, queue).max);
        for (std::int64_t at = 0; at < source_->bounds(name, queue).max.value; ++at)
          ASSERT_EQ(copy_.body_at(name, queue, at), source_.body_at(name, queue, at));
      }
    }
  }

  TestStore source_, copy_;
};

TEST_F(LogTapTest, ACopyServesTheSame) {
  std::mt19937 random(7);
  for (int round = 0; round < 20; ++round) {
    fill(round * 50, round * 50 + 50);
    replicate(1 + static_cast<std::int64_t>(random() % 5000));
  }
  expect_the_same();
  EXPECT_EQ(copy_->query_by_key({.topic = "T1", .key = "k100"}).value().records.size(), 1U);
  copy_.close();
  ASSERT_TRUE(copy_.open().has_value());
  expect_the_same();
}

TEST_F(LogTapTest, ByteByByte) {
  fill(0, 10);
  replicate(1);
  expect_the_same();
}

TEST_F(LogTapTest, ACopyGoesOnAsAStoreOfItsOwn) {
  fill(0, 300);
  replicate(4096);
  const auto receipt = copy_.append("T0", 0, "more");
  ASSERT_TRUE(receipt.has_value());
  EXPECT_EQ(receipt->queue_offset, source_->bounds("T0", 0).max);
  EXPECT_EQ(receipt->physical_offset, source_->log_max());
}

TEST_F(LogTapTest, AnEmptyLogMayBeginAtALaterFile) {
  fill(0, 400);
  const PhysicalOffset begin{16'384};
  const auto stretch = source_->read_log(begin, 1 << 20, ReadForm::in_memory);
  ASSERT_TRUE(copy_->append_log({100}, bytes_of(*stretch)).has_error());
  ASSERT_TRUE(copy_->append_log(begin, bytes_of(*stretch)).has_value());
  replicate(10'000);
  EXPECT_EQ(copy_->log_min(), begin);
  EXPECT_EQ(copy_->bounds("T0", 0).max, source_->bounds("T0", 0).max);
  EXPECT_GT(copy_->bounds("T0", 0).min.value, 0);
  const std::int64_t last = source_->bounds("T0", 0).max.value - 1;
  EXPECT_EQ(copy_.body_at("T0", 0, last), source_.body_at("T0", 0, last));
}

TEST_F(LogTapTest, RefusesGapsAndGarbage) {
  fill(0, 20);
  replicate(4096);
  const PhysicalOffset end = copy_->log_received();
  const std::string garbage(500, '\xEE');
  EXPECT_TRUE(copy_->append_log(end + 1, std::as_bytes(std::span(garbage))).has_error());
  const Status refused = copy_->append_log(end, std::as_bytes(std::span(garbage)));
  ASSERT_TRUE(refused.has_error());
  EXPECT_TRUE(refused.error().is(Errc::corrupt));
  EXPECT_EQ(copy_->log_received(), end);
  fill(20, 40);
  replicate(100);
  expect_the_same();
}

TEST_F(LogTapTest, KnowsItsEnds) {
  fill(0, 5);
  EXPECT_EQ(source_->read_log(source_->log_max(), 100, ReadForm::any)->length, 0);
  EXPECT_TRUE(source_->read_log(source_->log_max() + 1, 100, ReadForm::any).has_error());
  EXPECT_TRUE(source_->read_log({-1}, 100, ReadForm::any).has_error());
  EXPECT_EQ(source_->confirm_offset(), source_->log_max());
  source_->set_confirm_offset({7});
  EXPECT_EQ(source_->confirm_offset(), PhysicalOffset{7});
}

}  // namespace
}  // namespace tenon::logstore
