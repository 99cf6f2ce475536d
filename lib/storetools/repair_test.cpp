// SPDX-License-Identifier: Apache-2.0
// What a repair leaves where it meets trouble of its own, and where more is wrong than one record.
#include "storetools/repair.hpp"

#include <gtest/gtest.h>

#include "storetools/testing/small_store.hpp"
#include "storetools/usual_size.hpp"

namespace tenon::storetools {
namespace {

namespace fs = std::filesystem;
using logstore::offset_file_name;

class Repair : public testing::SmallStore {
 protected:
  RepairPlan planned() const {
    auto plan = plan_repair({root(), {}, true, {}});
    EXPECT_TRUE(plan.has_value());
    return *plan;
  }
  fs::path saved() const { return root() / "saved"; }
  fs::path queue_file(const std::string& topic, int queue, std::int64_t offset) const {
    return root() / "consumequeue" / topic / std::to_string(queue) / offset_file_name(offset);
  }
};

/// Of the three queues the first is moved, the second cannot be.
TEST_F(Repair, AStoreWhoseRepairStoppedHalfWayIsMadeWholeByTheNextStart) {
  fs::create_directories(saved() / "consumequeue" / "T" / "1" / "in the way");
  const Status stopped = repair({root(), {}, true, {}}, planned(), saved());
  ASSERT_TRUE(stopped.has_error());
  ASSERT_FALSE(fs::exists(root() / "consumequeue" / "T" / "0"));
  ASSERT_TRUE(fs::exists(root() / "consumequeue" / "T" / "1"));
  EXPECT_FALSE(fs::exists(root() / "checkpoint"));
  ASSERT_TRUE(store_.open().has_value());
  EXPECT_EQ(store_->bounds("T", 0).max.value, 134);
  EXPECT_EQ(store_.append("T", 0, "after")->queue_offset.value, 134);
  EXPECT_EQ(store_.append("T", 1, "after")->queue_offset.value, 133);
  EXPECT_EQ(store_.body_at("T", 1, 5), "message 16" + std::string(100, 'x'));
}

/// Shorter than one entry: no file says how long they should be.
TEST_F(Repair, QueueFilesThatAreShorterThanAnEntryHaveTheDefaultLength) {
  fs::create_directories(queue_file("Expired", 0, 0).parent_path());
  fs::copy_file(queue_file("T", 0, 0), queue_file("Expired", 0, 0));
  for (const auto& entry : fs::recursive_directory_iterator(root() / "consumequeue"))
    if (entry.is_regular_file()) fs::resize_file(entry.path(), 10);
  EXPECT_FALSE(findings().empty());
  repair_it(false);
  EXPECT_EQ(fs::file_size(queue_file("T", 0, 0)), 300'000U * 20);
  store_.options.consume_queue_file_entries = 300'000;
  ASSERT_TRUE(store_.open().has_value());
  EXPECT_EQ(store_->bounds("T", 1).max.value, 133);
}

/// As many files have the one length as the other.
TEST_F(Repair, OfTwoLengthsTheOneThatTheNamesFitIsRight) {
  for (int queue = 0; queue < 3; ++queue) {
    fs::resize_file(queue_file("T", queue, 2000), 2020);
    expect_damage(queue_file("T", queue, 2000), -1, "has 2020 bytes, but files of consume queues have 2000");
  }
  EXPECT_EQ(planned().sizes.consume_queue_file_entries, 100);
}

TEST(UsualSize, CountsWholeUnitsOnly) {
  UsualSize usual(46);
  for (int count = 0; count < 3; ++count) usual.add(0, 45);
  EXPECT_FALSE(usual.value());
  usual.add(0, 0);
  EXPECT_FALSE(usual.value());
  usual.add(0, 460);
  usual.add(460, 920);
  EXPECT_EQ(usual.value(), 460);
}

}  // namespace
}  // namespace tenon::storetools
