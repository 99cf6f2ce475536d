// SPDX-License-Identifier: Apache-2.0
// Queues have no descriptor and no mapping of their own, neither while they are written and read nor after a start: or
// 50,000 would end at the limits of the system.
#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <iterator>

#include "logstore/testing/test_store.hpp"

namespace tenon::logstore {
namespace {

constexpr int kQueuesOfTopic = 700;
constexpr std::ptrdiff_t kFewDescriptors = 600, kFewMappings = 200;

std::ptrdiff_t descriptors() {
  return std::distance(std::filesystem::directory_iterator("/proc/self/fd"), std::filesystem::directory_iterator());
}
std::ptrdiff_t mappings() {
  std::ifstream maps("/proc/self/maps");
  return std::count(std::istreambuf_iterator<char>(maps), {}, '\n');
}

TEST(ManyQueues, HaveNoDescriptorAndNoMappingEach) {
  const auto descriptors_before = descriptors(), mappings_before = mappings();
  const auto expect_few = [&](const char* when) {
    EXPECT_LT(descriptors() - descriptors_before, kFewDescriptors) << when;
    EXPECT_LT(mappings() - mappings_before, kFewMappings) << when;
  };
  testing::TestStore store;
  store.options.commit_log_file_size = 1 << 20;
  for (int round = 0; round < 2; ++round) {
    ASSERT_TRUE(store.open().has_value());
    expect_few("after a start");
    for (int queue = 0; queue < kQueuesOfTopic; ++queue)
      ASSERT_TRUE(store.append("T", queue, std::to_string(queue)).has_value()) << queue;
    expect_few("all were written to");
    for (int queue = 0; queue < kQueuesOfTopic; ++queue) ASSERT_EQ(store.body_at("T", queue, 0), std::to_string(queue));
    expect_few("all were read");
    store.close();
  }
}

}  // namespace
}  // namespace tenon::logstore
