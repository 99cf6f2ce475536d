// SPDX-License-Identifier: Apache-2.0
#include "config/composition.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "config/overrides.hpp"
#include "config/toml_reader.hpp"

namespace tenon::kernel {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

constexpr ConfigKey kBrokerKeys[] = {
    {.name = "name", .default_value = "broker-a", .meaning = "Name."},
    {.name = "id", .type = ConfigType::integer, .default_value = "0", .meaning = "Id.", .minimum = 0},
    {.name = "data_dir", .type = ConfigType::path, .default_value = "data", .meaning = "Directory."},
    {.name = "name_servers", .type = ConfigType::address_list, .default_value = "[]", .meaning = "Name servers."},
    {.name = "hours", .type = ConfigType::string_list, .default_value = "[]", .meaning = "Hours."},
    {.name = "flush", .default_value = "async", .meaning = "Flush.", .choices = "async|sync"},
    {.name = "file_size", .type = ConfigType::size, .default_value = "1GiB", .meaning = "Size.", .minimum = 1 << 20},
    {.name = "interval", .type = ConfigType::duration, .default_value = "500ms", .meaning = "Interval."},
    {.name = "poll",
     .type = ConfigType::short_duration,
     .default_value = "0us",
     .meaning = "Polling.",
     .minimum = 0,
     .maximum = 2'000},
};

std::vector<SectionDeclaration> broker_sections() { return {{"broker", "The broker.", kBrokerKeys}}; }

Composition check(std::string_view toml, Problems& problems, const std::vector<std::string>& overrides = {}) {
  Table root = read_toml(toml, "b.toml", problems);
  apply_overrides(overrides, root, problems);
  return check_composition(std::move(root), "b.toml", broker_sections(), problems);
}

std::vector<std::string> lines_of(const Problems& problems) {
  std::vector<std::string> lines;
  for (const Problem& problem : problems.sorted()) lines.push_back(problem.to_string());
  return lines;
}

TEST(Composition, FiveMistakesGiveFiveMessagesWithLineAndColumn) {
  Problems problems;
  check(
      "[broker]\n"
      "nmae = \"x\"\n"
      "file_size = \"1GX\"\n"
      "interval = 5\n"
      "flush = \"asinc\"\n"
      "[brokr]\n",
      problems);
  EXPECT_THAT(
      lines_of(problems),
      ElementsAre("b.toml:2:1: error: unknown key 'nmae' in [broker] (did you mean 'name'?)",
                  "b.toml:3:13: error: broker.file_size = \"1GX\": expected a size such as \"512MiB\"",
                  "b.toml:4:12: error: broker.interval = 5: expected a duration with its unit such as "
                  "\"500ms\" or \"30s\"",
                  "b.toml:5:9: error: broker.flush = \"asinc\": expected one of async|sync (did you mean 'async'?)",
                  "b.toml:6:2: error: unknown section [brokr] (did you mean 'broker'?)"));
}

TEST(Composition, DefaultsStandForWhatIsNotSaid) {
  Problems problems;
  const Composition composition = check("[broker]\nid = 1\n", problems);
  ASSERT_TRUE(problems.empty()) << problems.to_string();
  const CheckedSection& broker = composition.section("broker");
  EXPECT_EQ(broker.string("name"), "broker-a");
  EXPECT_EQ(broker.integer("id"), 1);
  EXPECT_EQ(broker.size_bytes("file_size"), 1 << 30);
  EXPECT_EQ(broker.duration("interval"), std::chrono::milliseconds(500));
  EXPECT_TRUE(broker.list("name_servers").empty());
  EXPECT_TRUE(broker.is_set("id"));
  EXPECT_FALSE(broker.is_set("name"));
}

TEST(Composition, RangesAreInTheUnitOfTheKey) {
  Problems problems;
  check("[broker]\nid = -1\nfile_size = \"1KiB\"\npoll = \"3ms\"\n", problems);
  EXPECT_THAT(lines_of(problems), ElementsAre("b.toml:2:6: error: broker.id = -1: must be at least 0",
                                              "b.toml:3:13: error: broker.file_size = \"1KiB\": must be at least 1MiB",
                                              "b.toml:4:8: error: broker.poll = \"3ms\": must be at most 2ms"));
}

TEST(Composition, ShortDurationsAreCountedInMicroseconds) {
  Problems problems;
  const Composition composition = check("[broker]\npoll = \"100us\"\n", problems);
  ASSERT_TRUE(problems.empty()) << problems.to_string();
  EXPECT_EQ(composition.section("broker").short_duration("poll"), std::chrono::microseconds(100));
  EXPECT_EQ(with_unit(ConfigType::short_duration, 100), "100us");
}

TEST(Composition, PluginTablesKeepTheOrderOfTheFileAndTypeDefaultsToTheName) {
  Problems problems;
  const Composition composition = check("[plugins.store]\ntype = \"store-mmap\"\n[plugins.filter-tag]\n", problems);
  ASSERT_TRUE(problems.empty()) << problems.to_string();
  ASSERT_EQ(composition.plugins.size(), 2u);
  EXPECT_EQ(composition.plugins[0].name, "store");
  EXPECT_EQ(composition.plugins[0].type, "store-mmap");
  EXPECT_EQ(composition.plugins[1].type, "filter-tag");
}

TEST(Overrides, NeedNoQuotesAndWinOverTheFile) {
  Problems problems;
  const Composition composition = check(
      "[broker]\nname = \"a\"\nid = 1\n[plugins.native]\nlisten = \"127.0.0.1:10911\"\n", problems,
      {"broker.name=b", "broker.id=7", "broker.name_servers=h1:9876,h2:9876", "plugins.native.listen=127.0.0.1:0"});
  ASSERT_TRUE(problems.empty()) << problems.to_string();
  const CheckedSection& broker = composition.section("broker");
  EXPECT_EQ(broker.string("name"), "b");
  EXPECT_EQ(broker.integer("id"), 7);
  EXPECT_THAT(broker.list("name_servers"), ElementsAre("h1:9876", "h2:9876"));
  const Entry* listen = find_entry(composition.plugins[0].table, "listen");
  EXPECT_EQ(std::get<std::string>(listen->value().value), "127.0.0.1:0");
}

TEST(Overrides, NeedNoQuotesForANumberWhereTextIsExpected) {
  const auto name = [](const char* override_text) {
    Problems problems;
    const Composition composition = check("", problems, {override_text});
    return problems.empty() ? composition.section("broker").string("name") : problems.to_string();
  };
  Problems problems;
  EXPECT_EQ(check("", problems, {"plugins.x.type=5"}).plugins.at(0).type, "5");
  EXPECT_EQ(name("broker.name=0"), "0");
  EXPECT_EQ(name("broker.name=0x10"), "0x10");
  EXPECT_EQ(name("broker.name=true"), "true");
  EXPECT_EQ(name("broker.name=\"0\""), "0");
  EXPECT_THAT(name("broker.name=[\"0\"]"), testing::HasSubstr("expected a string"));
  EXPECT_THAT(name("broker.name={}"), testing::HasSubstr("expected a string"));
}

TEST(Overrides, NeedNoQuotesForANumberWhereAListOfTextIsExpected) {
  const auto hours = [](const char* override_text) {
    Problems problems;
    auto listed = check("", problems, {override_text}).section("broker").list("hours");
    if (!problems.empty()) listed.push_back(problems.to_string());
    return listed;
  };
  EXPECT_THAT(hours("broker.hours=5"), ElementsAre("5"));
  EXPECT_THAT(hours("broker.hours=04"), ElementsAre("04"));
  EXPECT_THAT(hours("broker.hours=4,5"), ElementsAre("4", "5"));
  EXPECT_THAT(hours("broker.hours=[4]"), ElementsAre(HasSubstr("expected a string or a list of strings")));
}

TEST(Overrides, AreShownInMistakesAsTheyWereWritten) {
  Problems problems;
  const Composition composition = check("", problems, {"broker.flush=0x1", "broker.id=-0", "broker.name=1_0"});
  SectionDiagnostics complaints(composition.section("broker"), problems);
  complaints.error("name", "holds no letter");
  EXPECT_THAT(lines_of(problems),
              ElementsAre("--set broker.flush=0x1: error: broker.flush = 0x1: expected one of async|sync",
                          "--set broker.name=1_0: error: broker.name = 1_0: holds no letter"));
}

TEST(Overrides, TakeTomlListsAndSetWholeNewSections) {
  Problems problems;
  const Composition composition = check("", problems, {R"(broker.name_servers=["a:1", "b:2"])", "plugins.x.type=y"});
  EXPECT_THAT(composition.section("broker").list("name_servers"), ElementsAre("a:1", "b:2"));
  ASSERT_EQ(composition.plugins.size(), 1u);
  EXPECT_EQ(composition.plugins[0].type, "y");
}

TEST(Overrides, MistakesNameTheOption) {
  Problems problems;
  check("", problems, {"broker.nmae=x", "nonsense"});
  EXPECT_THAT(lines_of(problems),
              ElementsAre("--set nonsense: error: expected KEY=VALUE, such as broker.data_dir=/var/lib/tenon",
                          "--set broker.nmae=x: error: unknown key 'nmae' in [broker] (did you mean 'name'?)"));
}

TEST(CheckedSection, AnUndeclaredKeyOrAnotherTypeIsAProgrammingError) {
  Problems problems;
  const Composition composition = check("", problems);
  EXPECT_THROW(composition.section("broker").string("nothing"), std::logic_error);
  EXPECT_THROW(composition.section("broker").integer("name"), std::logic_error);
}

TEST(SectionDiagnostics, PointsAtTheValue) {
  Problems problems;
  const Composition composition = check("[broker]\nname = \"a b\"\n", problems);
  SectionDiagnostics complaints(composition.section("broker"), problems);
  complaints.error("name", "holds a space");
  EXPECT_EQ(problems.to_string(), "b.toml:2:8: error: broker.name = \"a b\": holds a space\n");
}

}  // namespace
}  // namespace tenon::kernel
