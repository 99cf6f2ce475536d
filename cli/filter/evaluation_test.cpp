// SPDX-License-Identifier: Apache-2.0
#include "filter/evaluation.hpp"

#include <gtest/gtest.h>

namespace tenon::cli {
namespace {

TEST(FilterEval, AnswersInTheWordsOfTheCorpus) {
  EXPECT_EQ(evaluate_filter("a = 1", {{"a", "1"}}).result, "true");
  EXPECT_EQ(evaluate_filter("a = 1", {{"a", "2"}}).result, "false");
  EXPECT_EQ(evaluate_filter("a = 1", {}).result, "null");
  EXPECT_EQ(evaluate_filter("a = 1", {{"a", "x"}}).result, "eval-error");
  const Evaluation wrong = evaluate_filter("a = ", {});
  EXPECT_EQ(wrong.result, "parse-error");
  EXPECT_TRUE(wrong.error.starts_with("line 1, column 5: ")) << wrong.error;
}

TEST(FilterEval, APropertyMayBeEmpty) { EXPECT_EQ(evaluate_filter("a = ''", {{"a", ""}}).result, "true"); }

TEST(FilterEval, AnswersLines) {
  EXPECT_EQ(answer_filter_line(R"({"expr":"a = '\u4e2d'","props":{"a":"\u4e2d"}})").json, "{\"result\":\"true\"}\n");
  EXPECT_EQ(answer_filter_line(R"({"expr":"$ref = 'x'","props":{"$ref":"x"}})").json, "{\"result\":\"true\"}\n");
  EXPECT_EQ(answer_filter_line(R"({"expr":"a IS NULL"})").json, "{\"result\":\"true\"}\n");
  EXPECT_EQ(answer_filter_line(R"({"expr":"1"})").json,
            "{\"result\":\"parse-error\",\"error\":\"line 1, column 1: expected a condition: this has a value, but is "
            "neither true nor false\"}\n");
}

TEST(FilterEval, SaysWhenALineIsNoQuestion) {
  for (const char* line :
       {"", "x", "[]", "{}", R"({"expr":1})", R"({"expr":"a","props":[]})", R"({"expr":"a","props":{"a":{}}})"}) {
    const AnsweredLine answer = answer_filter_line(line);
    EXPECT_FALSE(answer.understood) << line;
    EXPECT_TRUE(answer.json.starts_with(R"({"result":"bad-input","error":")")) << answer.json;
  }
}

}  // namespace
}  // namespace tenon::cli
