// SPDX-License-Identifier: Apache-2.0
#include "config/toml_reader.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>

namespace tenon::kernel {
namespace {

using testing::HasSubstr;

TEST(TomlReader, KeepsThePlaceOfKeysAndValues) {
  Problems problems;
  const Table root = read_toml("[broker]\nname   = \"a\"\nid = 3\n", "b.toml", problems);
  ASSERT_TRUE(problems.empty());
  const Table& broker = std::get<Table>(find_entry(root, "broker")->value().value);
  const Entry* name = find_entry(broker, "name");
  EXPECT_EQ(name->at.to_string(), "b.toml:2:1");
  EXPECT_EQ(name->value().at.to_string(), "b.toml:2:10");
  EXPECT_EQ(std::get<std::string>(name->value().value), "a");
  EXPECT_EQ(std::get<std::int64_t>(find_entry(broker, "id")->value().value), 3);
}

TEST(TomlReader, ReadsOnAfterASyntaxError) {
  Problems problems;
  const Table root = read_toml("[a]\nx = \ny = 1\nz == 2\nw = 3\n", "f", problems);
  const auto all = problems.sorted();
  ASSERT_EQ(all.size(), 2u) << problems.to_string();
  EXPECT_EQ(all[0].at.line, 2u);
  EXPECT_EQ(all[1].at.line, 4u);
  const Table& a = std::get<Table>(find_entry(root, "a")->value().value);
  EXPECT_NE(find_entry(a, "y"), nullptr);
  EXPECT_NE(find_entry(a, "w"), nullptr);
}

TEST(TomlReader, ReportsARepeatedKeyAndKeepsTheFirst) {
  Problems problems;
  const Table root = read_toml("x = 1\nx = 2\n", "f", problems);
  ASSERT_EQ(problems.size(), 1u);
  EXPECT_EQ(problems.sorted()[0].at.line, 2u);
  EXPECT_THAT(problems.to_string(), HasSubstr("redefine"));
  EXPECT_EQ(std::get<std::int64_t>(find_entry(root, "x")->value().value), 1);
}

TEST(TomlReader, TellsMistakesOnNeighbouringLinesFromTheEchoOfOne) {
  Problems both;
  read_toml("x = 1\ny = 1\nx = 2\ny = 2\nz = \n", "f", both);
  EXPECT_EQ(both.size(), 3u) << both.to_string();
  Problems one;
  read_toml("x = [ 1 2,\n  3,\n  4\n]\ny = 1\n", "f", one);
  EXPECT_EQ(one.size(), 1u) << one.to_string();
}

TEST(TomlReader, LeavesOutWhatFollowsARepeatedTable) {
  Problems problems;
  const Table root = read_toml("[a]\nx = 1\n[b]\n[a]\nx = 2\n", "f", problems);
  EXPECT_EQ(problems.size(), 1u) << problems.to_string();
  EXPECT_EQ(root.size(), 2u);
}

TEST(TomlReader, GivesUpOnGarbageAfterABoundedNumberOfProblems) {
  std::string garbage;
  for (int line = 0; line < 10'000; ++line) garbage += "= =\n\n";
  Problems problems;
  EXPECT_TRUE(read_toml(garbage, "f", problems).empty());
  EXPECT_LE(problems.size(), 25u);
  EXPECT_FALSE(problems.empty());
}

TEST(TomlReader, RefusesKeysNestedWithoutBound) {
  std::string deep = "a";
  for (int level = 0; level < 100'000; ++level) deep += ".a";
  Problems problems;
  EXPECT_TRUE(read_toml("x = 1\n" + deep + " = 1\n", "f", problems).empty());
  EXPECT_EQ(problems.to_string(), "f:2:1: error: a key with that many dots is none of ours\n");
}

TEST(TomlReader, SaysWhenAFileIsMissing) {
  Problems problems;
  read_toml_file("/nowhere/x.toml", problems);
  read_toml_file("/", problems);
  EXPECT_EQ(problems.to_string(),
            "/nowhere/x.toml: error: cannot be read: No such file or directory\n"
            "/: error: cannot be read: it is a directory, and a configuration is a file\n");
}

TEST(TomlValue, IsReadOnlyIfAllOfItIsOneValue) {
  EXPECT_TRUE(read_toml_value("3", {}));
  EXPECT_TRUE(read_toml_value("[\"a\", \"b\"]", {}));
  EXPECT_FALSE(read_toml_value("127.0.0.1:10911", {}));
  EXPECT_FALSE(read_toml_value("1\nother = 2", {}));
  EXPECT_FALSE(read_toml_value("", {}));
}

}  // namespace
}  // namespace tenon::kernel
