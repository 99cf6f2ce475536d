// SPDX-License-Identifier: Apache-2.0
// Fillers between entries say nothing of where the entries around them lie.
#include "logstore/testing/test_store.hpp"
#include "record/record_encoder.hpp"

namespace tenon::logstore {
namespace {

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

/// The search for the end of what a checkpoint vouches for meets fillers behind it.
TEST_F(Fillers, EndNoSearchBehindWhatIsBelieved) {
  store_.options.consume_queue_file_entries = 1000;
  store_.options.commit_log_file_size = 1 << 20;
  store_.options.checkpoint_interval = std::chrono::hours(1);
  ASSERT_TRUE(store_.open().has_value());
  receive(0, 200);
  ASSERT_TRUE(store_->write_checkpoint_now().has_value());
  const PhysicalOffset vouched = store_->log_max();
  receive(200, 210);
  receive(410);
  store_.close();
  DescriptorCache descriptors(store_.files, 8);
  const QueueStorage storage{store_.options, store_.files, descriptors};
  ConsumeQueue queue(storage, std::make_shared<const std::string>("T"), 0);
  ASSERT_TRUE(queue.load({vouched, false}).has_value());
  EXPECT_EQ(queue.max(), 200);
}

}  // namespace
}  // namespace tenon::logstore
