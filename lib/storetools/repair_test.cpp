// SPDX-License-Identifier: Apache-2.0
// What a repair leaves where it meets trouble of its own, and where more is wrong than one record.
#include "storetools/repair.hpp"

#include <gtest/gtest.h>

#include "storetools/testing/small_store.hpp"

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

}  // namespace
}  // namespace tenon::storetools
