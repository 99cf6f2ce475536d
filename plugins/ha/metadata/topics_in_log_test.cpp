// SPDX-License-Identifier: Apache-2.0
#include "ha/metadata/topics_in_log.hpp"

#include <gtest/gtest.h>

#include "ha/metadata/log_piece.hpp"
#include "logstore/testing/store_on_disk.hpp"
#include "logstore/testing/test_store.hpp"

namespace tenon::ha {
namespace {

using logstore::testing::Engine;
using logstore::testing::StoreOnDisk;

std::string summary(const std::vector<TopicConfig>& topics) {
  std::string out;
  for (const TopicConfig& topic : topics) out += text(topic.name, ':', topic.write_queue_nums, ' ');
  return out;
}

class TopicsInLogTest : public ::testing::Test {
 protected:
  AppendReceipt append(std::string_view topic, std::int32_t queue_id, std::string_view properties = {}) {
    Message message;
    message.topic = topic;
    message.queue_id = queue_id;
    message.properties = properties;
    return store_->append(message).value();
  }

  StoreOnDisk disk_{32 << 10};
  logstore::StoreCapabilities* store_ = disk_.open(Engine::mmap);
  const std::function<bool(int)> goes_on_ = [](int) { return true; };
};

TEST_F(TopicsInLogTest, HaveTheQueuesThatTheirMessagesShow) {
  append("Old", 0);
  const PhysicalOffset from = append("T", 1).physical_offset;
  append("Wide", 11);
  append("SCHEDULE_TOPIC_XXXX", 2, "REAL_TOPIC\1Later\2REAL_QID\0013\2");
  append("T", 0, "REAL_TOPIC\1SaidByAProducer\2");
  append("%RETRY%g", 0);
  EXPECT_EQ(summary(topics_in_log(*store_, from, 4, goes_on_).topics),
            "T:4 Wide:12 SCHEDULE_TOPIC_XXXX:4 Later:4 %RETRY%g:1 ");
  EXPECT_EQ(summary(topics_in_log(*store_, store_->log_max(), 4, goes_on_).topics), "");
}

TEST_F(TopicsInLogTest, AreFoundOverTheEndsOfFiles) {
  for (int count = 0; count < 1'000; ++count) append(text('T', count / 100), count % 8);
  EXPECT_GT(store_->log_max(), PhysicalOffset{2 * (32 << 10)});
  const TopicsInLog all = topics_in_log(*store_, {0}, 4, goes_on_);
  EXPECT_EQ(all.topics.size(), 10U);
  EXPECT_EQ(all.begin, PhysicalOffset{0});
  EXPECT_TRUE(all.reached_end);
}

TEST_F(TopicsInLogTest, AreFoundBehindARecordThatIsLargerThanWhatIsReadAtOnce) {
  logstore::testing::TestStore disk;
  disk.options.commit_log_file_size = 64 << 20;
  disk.options.limits.body_bytes_max = 32 << 20;
  logstore::StoreCapabilities store(disk.options);
  ASSERT_TRUE(store.log_store().open().has_value());
  const std::string large(kLogPieceBytes + 1, 'x');
  for (const auto& [topic, body] : {std::pair("Large", std::string_view(large)), {"T", "small"}}) {
    Message message;
    message.topic = topic;
    message.body = std::as_bytes(std::span(body));
    ASSERT_TRUE(store.append(message).has_value());
  }
  const TopicsInLog all = topics_in_log(store, {0}, 4, goes_on_);
  EXPECT_TRUE(all.reached_end.has_value()) << all.reached_end.error().message();
  EXPECT_EQ(summary(all.topics), "Large:4 T:4 ");
}

TEST_F(TopicsInLogTest, AreLookedForNoLongerThanSomebodyWantsToKnow) {
  for (int count = 0; count < 1'000; ++count) append(text('T', count / 100), 0);
  int pieces = 0;
  const TopicsInLog part = topics_in_log(*store_, {0}, 4, [&](int percent) {
    EXPECT_EQ(percent > 0, pieces > 0);
    return ++pieces < 3;
  });
  EXPECT_EQ(pieces, 3);
  EXPECT_LT(part.topics.size(), 10U);
  ASSERT_TRUE(part.reached_end.has_error());
  EXPECT_TRUE(part.reached_end.error().is(Errc::shutting_down));
}

}  // namespace
}  // namespace tenon::ha
