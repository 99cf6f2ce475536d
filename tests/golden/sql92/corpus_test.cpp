// SPDX-License-Identifier: Apache-2.0
// Every line that the classes of RocketMQ 5.4.0 have judged, judged again.
#include <gtest/gtest.h>

#include <fstream>
#include <optional>
#include <string>
#include <vector>

#include "fastjson/reader.hpp"
#include "golden_directory.hpp"
#include "sql92/compile.hpp"

namespace tenon::sql92 {
namespace {

using fastjson::Value;

std::string_view text_of(const Value& value) { return value.as_string().value(); }

/// The values of exactly these properties: unlike a property block, the corpus has empty ones.
std::vector<std::optional<std::string_view>> values_for(const Program& program, const Value& properties) {
  std::vector<std::optional<std::string_view>> values;
  for (const std::string_view name : program.property_names()) {
    const Value* found = properties.find(name);
    values.push_back(found == nullptr ? std::nullopt : std::optional(text_of(*found)));
  }
  return values;
}

/// The same in a block, where that can say it.
std::optional<std::string> block_of(const Value& properties) {
  std::string block;
  for (const auto& [name, value] : properties.members()) {
    if (text_of(value).empty() || text_of(value).find('\2') != std::string_view::npos) return std::nullopt;
    append_property(block, text_of(name), text_of(value));
  }
  return block;
}

TEST(Sql92Corpus, EveryLineGivesTheResultOfRocketMq) {
  TENON_NEED_GOLDEN();
  std::ifstream lines(golden::directory() / "sql92" / "corpus.jsonl");
  int count = 0, wrong = 0, in_blocks = 0;
  for (std::string line; std::getline(lines, line); ++count) {
    const Value recorded = fastjson::parse(line, {}, fastjson::References::none).value();
    const std::string_view expected = text_of(*recorded.find("result"));
    const Value& properties = *recorded.find("props");
    const auto program = compile(text_of(*recorded.find("expr")));
    const std::string_view result =
        program ? name_of(program->evaluate(values_for(*program, properties))) : "parse-error";
    if (result != expected && ++wrong <= 40) {
      ADD_FAILURE() << line << "\ngives " << result << (program ? "" : " " + program.error().message());
    }
    const auto block = block_of(properties);
    if (!program || !block) continue;
    ++in_blocks;
    EXPECT_EQ(name_of(program->evaluate(PropertiesView(*block))), expected) << line;
  }
  EXPECT_EQ(count, 20'909);
  EXPECT_EQ(wrong, 0);
  EXPECT_GT(in_blocks, 10'000);
}

}  // namespace
}  // namespace tenon::sql92
