// SPDX-License-Identifier: Apache-2.0
// Fillers between entries say nothing of where the entries around them lie.
#include <filesystem>
#include <fstream>

#include "logstore/testing/test_store.hpp"
#include "record/record_encoder.hpp"

namespace tenon::logstore {
namespace {

namespace fs = std::filesystem;
using testing::TestStore;

class Fillers : public ::testing::Test {
 protected:
  /// A record as another log has it at the end of this one; the offsets before it that are not there are lost.
  void receive(std::int64_t queue_offset) {
    Message message;
    message.topic = "T";
    const std::string body = text("body ", queue_offset);
    message.body = std::as_bytes(std::span(body));
    std::vector<std::byte> bytes(record::encoded_size(message));
    record::encode(message, bytes.data());
    record::patch(bytes.data(), {{queue_offset}, store_->log_received(), 1'700'000'000'000}, false);
    ASSERT_TRUE(store_->append_log(store_->log_received(), bytes).has_value());
  }
  void receive(std::int64_t first, std::int64_t until) {
    for (; first < until; ++first) receive(first);
  }

  TestStore store_;
};

TEST_F(Fillers, AreReadableNoFurtherThanWhatLiesBeforeThem) {
  ASSERT_TRUE(store_.open().has_value());
  receive(0, 5);
  const PhysicalOffset end = store_->log_max();
  receive(5);
  receive(100);
  for (const auto& [readable, max] : {std::pair(end, std::int64_t{5}), std::pair(end - 1, std::int64_t{4})}) {
    ASSERT_TRUE(store_->set_readable_end(readable).has_value());
    EXPECT_EQ(store_->bounds("T", 0, Reach::readable).max.value, max);
    EXPECT_NE(store_->read({.topic = "T", .offset = {5}}, Reach::readable).status, ReadStatus::found);
  }
  ASSERT_TRUE(store_->set_readable_end(store_->log_max()).has_value());
  EXPECT_EQ(store_->bounds("T", 0, Reach::readable).max.value, 101);
}

/// What was held back behind them is cut off, or is not pushed yet.
TEST_F(Fillers, BehindAllRecordsMakeNothingReadable) {
  ASSERT_TRUE(store_.open().has_value());
  receive(0, 5);
  ASSERT_TRUE(store_->set_readable_end(store_->log_max()).has_value());
  receive(5);
  const PhysicalOffset end = store_->log_max();
  receive(60'000);
  ASSERT_TRUE(store_->truncate_log(end).has_value());
  ASSERT_EQ(store_->bounds("T", 0).max.value, 60'000);
  EXPECT_EQ(store_->bounds("T", 0, Reach::readable).max.value, 5);
  EXPECT_NE(store_->read({.topic = "T", .offset = {5}}, Reach::readable).status, ReadStatus::found);
}

/// Of a queue with files of 1000 entries: the checkpoint vouches for what was received before a run of fillers.
class FillersAndFiles : public Fillers, public ::testing::WithParamInterface<std::pair<std::int64_t, std::int64_t>> {
 protected:
  void SetUp() override {
    store_.options.consume_queue_file_entries = 1000;
    store_.options.commit_log_file_size = 1 << 20;
    store_.options.checkpoint_interval = std::chrono::hours(1);
    ASSERT_TRUE(store_.open().has_value());
    receive(0, kVouched);
    ASSERT_TRUE(store_->write_checkpoint_now().has_value());
    vouched_ = store_->log_max();
    fs::copy(root_ / "checkpoint", root_ / "kept");
    receive(kVouched, kVouched + 10);
    receive(kBehind);
    store_.close();
  }

  const std::int64_t kVouched = GetParam().first, kBehind = GetParam().second;
  const fs::path root_ = store_.directory.path();
  PhysicalOffset vouched_{0};
};

TEST_P(FillersAndFiles, EndNoSearchBehindWhatIsBelieved) {
  DescriptorCache descriptors(store_.files, 8);
  const QueueStorage storage{store_.options, store_.files, descriptors};
  ConsumeQueue queue(storage, std::make_shared<const std::string>("T"), 0);
  ASSERT_TRUE(queue.load({vouched_, false}).has_value());
  EXPECT_EQ(queue.max(), kVouched);
}

/// Entries of lost records would get the bytes of those that are written in their places.
TEST_P(FillersAndFiles, KeepNoEntryOfALostRecord) {
  std::ofstream(root_ / "abort").put('1');
  fs::rename(root_ / "kept", root_ / "checkpoint");
  const fs::path log = root_ / "commitlog" / offset_file_name(0);
  fs::resize_file(log, static_cast<std::uintmax_t>(vouched_.value));
  fs::resize_file(log, 1 << 20);
  ASSERT_TRUE(store_.open().has_value());
  EXPECT_EQ(store_->bounds("T", 0).max.value, kVouched);
  ASSERT_TRUE(store_.append("Other", 0, "body of another").has_value());
  EXPECT_NE(store_->read({.topic = "T", .offset = {kVouched}}).status, ReadStatus::found);
}

INSTANTIATE_TEST_SUITE_P(Gaps, FillersAndFiles,
                         ::testing::Values(std::pair(200, 410), std::pair(950, 990), std::pair(950, 1100),
                                           std::pair(950, 3100)));

}  // namespace
}  // namespace tenon::logstore
