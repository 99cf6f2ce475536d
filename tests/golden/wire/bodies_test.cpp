// SPDX-License-Identifier: Apache-2.0
// Every recorded JSON body is read by lib/fastjson; what Java wrote, its writer writes again.
#include <gtest/gtest.h>

#include <fstream>
#include <string>
#include <string_view>

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

/// What is behind the marks of json-forms.txt: five blanks before what went in, an arrow before what came out.
std::string_view form_of(std::string_view line) {
  for (const std::string_view mark : {"     ", "  -> "}) {
    if (line.starts_with(mark)) return line.substr(mark.size());
  }
  return {};
}

TEST(JsonForms, ThatJavaReadsAreRead) {
  TENON_NEED_GOLDEN();
  std::ifstream file(directory() / "wire" / "json-forms.txt");
  std::string line;
  int forms = 0;
  while (std::getline(file, line)) {
    const std::string_view form = form_of(line);
    if (!form.starts_with('{') && !form.starts_with('[')) continue;
    const auto tree = fastjson::parse(form);
    EXPECT_TRUE(tree.has_value()) << form << "\n" << (tree.has_error() ? tree.error().message() : "");
    ++forms;
  }
  EXPECT_GT(forms, 20);
}

}  // namespace
}  // namespace tenon::golden
