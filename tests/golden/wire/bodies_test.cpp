// SPDX-License-Identifier: Apache-2.0
// Every recorded JSON body is read by lib/fastjson; what Java wrote, its writer writes again.
#include <gtest/gtest.h>

#include "fastjson/reader.hpp"
#include "fastjson/writer.hpp"
#include "golden_directory.hpp"
#include "recording.hpp"

namespace tenon::golden {
namespace {

/// Bodies that are an application's messages, or lines of key=value, are not asked to be JSON.
bool is_json_body(const RecordedFrame& recorded) {
  const std::string& body = recorded.body;
  if (body.empty() || (body.front() != '{' && body.front() != '[')) return false;
  return recorded.decoded.find("records") == nullptr && recorded.request_code() != 310 && recorded.request_code() != 10;
}

TEST(RecordedBodies, AreRead) {
  TENON_NEED_GOLDEN();
  int bodies = 0;
  for_each_frame([&](const RecordedFrame& recorded) {
    if (!is_json_body(recorded)) return;
    const auto tree = fastjson::parse(recorded.body);
    ASSERT_TRUE(tree.has_value()) << recorded.place << ": " << tree.error().message() << "\n" << recorded.body;
    ++bodies;
  });
  EXPECT_GT(bodies, 1000);
  RecordProperty("bodies", bodies);
}

TEST(RecordedBodies, OfJavaAreWrittenBack) {
  TENON_NEED_GOLDEN();
  int bodies = 0;
  for_each_frame([&](const RecordedFrame& recorded) {
    if (!is_json_body(recorded) || recorded.decoded.text_or("language", "") != "JAVA") return;
    const auto tree = fastjson::parse(recorded.body);
    ASSERT_TRUE(tree.has_value()) << recorded.place;
    EXPECT_EQ(fastjson::to_json(*tree), recorded.body) << recorded.place;
    ++bodies;
  });
  EXPECT_GT(bodies, 1000);
}

}  // namespace
}  // namespace tenon::golden
