// SPDX-License-Identifier: Apache-2.0
// Every line that the classes of RocketMQ 5.4.0 have judged, judged again.
#include <gtest/gtest.h>

#include <boost/json/src.hpp>
#include <fstream>
#include <optional>
#include <string>
#include <vector>

#include "golden_directory.hpp"
#include "sql92/compile.hpp"

namespace tenon::sql92 {
namespace {

std::string_view text_of(const boost::json::value& value) {
  const boost::json::string& text = value.as_string();
  return {text.data(), text.size()};
}

/// The values of exactly these properties: unlike a property block, the corpus has empty ones.
std::vector<std::optional<std::string_view>> values_for(const Program& program, const boost::json::object& properties) {
  std::vector<std::optional<std::string_view>> values;
  for (const std::string_view name : program.property_names()) {
    const auto found = properties.find(boost::json::string_view(name.data(), name.size()));
    values.push_back(found == properties.end() ? std::nullopt : std::optional(text_of(found->value())));
  }
  return values;
}

/// The same in a block, where that can say it.
std::optional<std::string> block_of(const boost::json::object& properties) {
  std::string block;
  for (const auto& [name, value] : properties) {
    if (text_of(value).empty() || text_of(value).find('\2') != std::string_view::npos) return std::nullopt;
    append_property(block, {name.data(), name.size()}, text_of(value));
  }
  return block;
}

TEST(Sql92Corpus, EveryLineGivesTheResultOfRocketMq) {
  TENON_NEED_GOLDEN();
  std::ifstream lines(golden::directory() / "sql92" / "corpus.jsonl");
  int count = 0, wrong = 0, in_blocks = 0;
  for (std::string line; std::getline(lines, line); ++count) {
    const auto recorded = boost::json::parse(line).as_object();
    const std::string_view expected = text_of(recorded.at("result"));
    const auto& properties = recorded.at("props").as_object();
    const auto program = compile(text_of(recorded.at("expr")));
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
