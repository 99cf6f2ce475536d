// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include <chrono>

#include "logstore/testing/test_store.hpp"

namespace tenon::logstore {
namespace {

using testing::TestStore;

/// Costs five milliseconds a message, as a hostile expression over long properties may, and matches nothing.
class CostlyFilter final : public CompiledFilter {
 public:
  bool match_index(const IndexEntry&) const noexcept override { return true; }
  bool needs_properties() const noexcept override { return true; }
  bool match_properties(const PropertiesView&) const noexcept override {
    const auto end = std::chrono::steady_clock::now() + std::chrono::milliseconds(5);
    while (std::chrono::steady_clock::now() < end) {
    }
    return false;
  }
};

TEST(FilteredRead, GivesUpWhenTheFilterTakesTooLongAndSaysWhereToGoOn) {
  TestStore store;
  ASSERT_TRUE(store.open());
  constexpr int kMessages = 40;
  for (int i = 0; i < kMessages; ++i) ASSERT_TRUE(store.append("topic", 0, "body"));
  const CostlyFilter filter;
  ReadRequest request{.topic = "topic", .queue_id = 0, .offset = {0}, .filter = &filter};

  int reads = 0;
  for (; request.offset.value < kMessages; ++reads) {
    const ReadResult result = store->read(request);
    EXPECT_EQ(result.status, ReadStatus::no_matched_message);
    ASSERT_GT(result.next_queue_offset, request.offset) << "a read must make progress";
    request.offset = result.next_queue_offset;
  }
  EXPECT_GE(reads, 2);
}

}  // namespace
}  // namespace tenon::logstore
