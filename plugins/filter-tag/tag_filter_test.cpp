// SPDX-License-Identifier: Apache-2.0
#include "tag_filter.hpp"

#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <set>

#include "fastjson/reader.hpp"

namespace tenon::filter_tag {
namespace {

bool passes(std::string_view expression, std::string_view tag) {
  const auto filter = TagFilterCompiler().compile(expression);
  IndexEntry entry;
  entry.tags_code = tag.empty() ? 0 : java_string_hash(tag);
  return filter.value()->match_index(entry);
}

TEST(TagFilter, StarAndEmptyAreEverything) {
  for (const char* expression : {"", "*"}) {
    EXPECT_TRUE(passes(expression, ""));
    EXPECT_TRUE(passes(expression, "TagA"));
  }
  EXPECT_FALSE(passes(" * ", "TagA"));
  EXPECT_TRUE(passes(" * ", "*"));
}

TEST(TagFilter, UntaggedMessagesPassNoTag) {
  EXPECT_FALSE(passes("TagA", ""));
  EXPECT_TRUE(passes("f5a5a608", "")) << "a tag whose hash is 0 cannot be told from no tag here";
}

TEST(TagFilter, AnEntryWithoutATagsCodeIsLeftToTheClient) {
  const auto filter = TagFilterCompiler().compile("TagA").value();
  IndexEntry entry;
  entry.tags_code = INT64_MIN + 34;  // the second unit of an extension
  EXPECT_TRUE(filter->match_index(entry));
  entry.tags_code = INT32_MIN;  // the hash of a tag
  EXPECT_FALSE(filter->match_index(entry));
}

TEST(TagFilter, DelimitersAloneDoNotCompile) {
  for (const char* expression : {"||", "||||"}) {
    const auto compiled = TagFilterCompiler().compile(expression);
    ASSERT_FALSE(compiled) << expression;
    EXPECT_TRUE(compiled.error().is(Errc::subscription_parse_failed));
  }
  EXPECT_TRUE(passes("|||", "|"));
  EXPECT_FALSE(passes(" || ", "TagA"));
}

std::filesystem::path golden_file() {
  const char* root = std::getenv("TENON_GOLDEN");
  return std::filesystem::path(root ? root : TENON_GOLDEN_DEFAULT) / "sql92" / "tags.jsonl";
}

// What the classes of RocketMQ 4.9.7 and 5.4.0 let through, recorded.
TEST(TagFilter, LetsThroughWhatRocketMqDoes) {
  if (!std::filesystem::exists(golden_file())) GTEST_SKIP() << "no recorded results at " << golden_file();
  std::vector<std::string> tags;
  int subscriptions = 0;
  std::ifstream lines(golden_file());
  for (std::string line; std::getline(lines, line);) {
    const auto recorded = fastjson::parse(line).value();
    const std::string kind = recorded.text_or("kind", "");
    if (kind == "tag") tags.push_back(recorded.text_or("tag", ""));
    if (kind != "subscription") continue;
    ++subscriptions;
    const std::string expression = recorded.text_or("expr", "");
    const bool is_refused = recorded.find("error") != nullptr;
    ASSERT_EQ(TagFilterCompiler().compile(expression).has_error(), is_refused) << line;
    if (is_refused) continue;
    std::set<std::string> expected;
    for (const auto& tag : recorded.find("brokerPasses")->elements()) expected.insert(tag.as_text().value_or(""));
    for (const std::string& tag : tags)
      EXPECT_EQ(passes(expression, tag), expected.contains(tag)) << line << " tag '" << tag << "'";
  }
  EXPECT_GT(subscriptions, 10);
}

}  // namespace
}  // namespace tenon::filter_tag
