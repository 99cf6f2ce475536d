// SPDX-License-Identifier: Apache-2.0
#include "config/explain.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "config/kernel_sections.hpp"
#include "config/reload.hpp"
#include "config/toml_reader.hpp"

namespace tenon::kernel {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

constexpr ConfigKey kKeys[] = {
    {.name = "flush",
     .default_value = "async",
     .meaning = "When to flush.",
     .choices = "async|sync",
     .reload = Reload::live},
    {.name = "size", .type = ConfigType::size, .default_value = "1GiB", .meaning = "Size.", .minimum = 1 << 20},
    {.name = "listen", .type = ConfigType::address_list, .meaning = "Where.", .required = true},
};

std::vector<SectionDeclaration> plugin_sections() { return {{"plugins.x", "A plug-in.", kKeys}}; }

TEST(Explain, SaysTypeDefaultBoundsAndMeaning) {
  const std::string page = explain_as_markdown(plugin_sections());
  EXPECT_THAT(page, HasSubstr("| `flush` | async or sync | `\"async\"` | When to flush. *live* |"));
  EXPECT_THAT(page, HasSubstr("| `size` | size, at least 1MiB | `\"1GiB\"` | Size. |"));
  EXPECT_THAT(page, HasSubstr("| `listen` | list of addresses | `required` |"));
  EXPECT_THAT(explain_as_text(plugin_sections()), HasSubstr("  flush = \"async\"\n      When to flush.\n"));
}

constexpr ConfigKey kDoorKeys[] = {
    {.name = "address", .type = ConfigType::address, .meaning = "Where.", .required = true},
    {.name = "width", .type = ConfigType::size, .default_value = "1KiB", .meaning = "How wide."},
};
constexpr ConfigKey kHouseKeys[] = {
    {.name = "doors", .type = ConfigType::table_list, .meaning = "The doors.", .keys = kDoorKeys},
};

CheckedSection house_of(std::string_view toml, Problems& problems) {
  const Table root = read_toml(toml, "h.toml", problems);
  return check_section("plugins.house", {"h.toml", 1, 1}, root, kHouseKeys, {}, problems);
}

TEST(TableList, ChecksEachTableAgainstItsKeys) {
  Problems problems;
  const CheckedSection house =
      house_of("[[doors]]\naddress = \"a:1\"\n[[doors]]\naddress = \"a:2\"\nwidth = 7", problems);
  ASSERT_TRUE(problems.empty()) << problems.to_string();
  const auto doors = house.tables("doors");
  ASSERT_EQ(doors.size(), 2U);
  EXPECT_EQ(doors[0]->string("address"), "a:1");
  EXPECT_EQ(doors[0]->size_bytes("width"), 1024);
  EXPECT_FALSE(doors[0]->is_set("width"));
  EXPECT_EQ(doors[1]->size_bytes("width"), 7);
  EXPECT_THAT(show_values(house), HasSubstr(R"([{address = "a:1"}, {address = "a:2", width = "7B"}])"));
}

TEST(TableList, SaysWhatIsWrongInWhichTableAndWhere) {
  Problems problems;
  house_of("[[doors]]\nadress = \"a:1\"\n[[doors]]\naddress = \"a:2\"\nwidth = \"x\"", problems);
  const std::string all = problems.to_string();
  EXPECT_THAT(
      all, HasSubstr("h.toml:2:1: error: unknown key 'adress' in [plugins.house.doors[0]] (did you mean 'address'?)"));
  EXPECT_THAT(all, HasSubstr("[plugins.house.doors[0]] needs the key 'address'"));
  EXPECT_THAT(all, HasSubstr("h.toml:5:9: error: plugins.house.doors[1].width = \"x\": expected a size"));
}

TEST(TableList, RefusesWhatIsNoTable) {
  Problems problems;
  house_of("doors = [1]", problems);
  EXPECT_THAT(problems.to_string(), HasSubstr("plugins.house.doors = [1]: expected tables"));
}

TEST(TableList, APluginComplainsAboutAKeyOfATable) {
  Problems problems;
  const CheckedSection house = house_of("[[doors]]\naddress = \"a:1\"", problems);
  SectionDiagnostics complaints(house, problems);
  complaints.error("doors[0].address", "is taken");
  complaints.error("doors[7].address", "is not there");
  EXPECT_THAT(problems.to_string(),
              HasSubstr("h.toml:2:11: error: plugins.house.doors[0].address = \"a:1\": is taken"));
  EXPECT_THAT(problems.to_string(), HasSubstr("plugins.house.doors[7].address: is not there"));
}

TEST(TableList, AReloadSeesWhetherATableHasChanged) {
  Problems problems;
  SectionChange change;
  const CheckedSection running = house_of("[[doors]]\naddress = \"a:1\"", problems);
  take_over_live(running, house_of("[[doors]]\naddress = \"a:1\"", problems), change);
  EXPECT_TRUE(change.restart.empty());
  take_over_live(running, house_of("[[doors]]\naddress = \"a:2\"", problems), change);
  EXPECT_THAT(change.restart, ElementsAre("plugins.house.doors"));
}

TEST(TableList, IsExplainedKeyByKey) {
  const std::vector<SectionDeclaration> sections{{"plugins.house", "A house.", kHouseKeys}};
  EXPECT_THAT(explain_as_markdown(sections),
              HasSubstr("| `doors` | tables | `[]` | The doors. |\n| `doors[].address` |"));
  EXPECT_THAT(explain_as_text(sections), HasSubstr("  doors[].width = \"1KiB\"\n"));
}

TEST(Explain, EveryKernelKeyHasADefaultOfItsType) {
  EXPECT_NO_THROW(explain_as_text(std::vector<SectionDeclaration>{{"runtime", "", runtime_config_keys()}}));
  EXPECT_NO_THROW(explain_as_text(std::vector<SectionDeclaration>{{"log", "", log_config_keys()}}));
}

CheckedSection section_of(std::string_view toml) {
  Problems problems;
  CheckedSection section = check_section("plugins.x", {"f"}, read_toml(toml, "f", problems), kKeys, {}, problems);
  EXPECT_TRUE(problems.empty()) << problems.to_string();
  return section;
}

TEST(ConfigReload, TakesLiveKeysOverAndNamesTheOthers) {
  const CheckedSection running = section_of("listen = \"a:1\"");
  const CheckedSection fresh = section_of("listen = \"a:2\"\nflush = \"sync\"\nsize = \"1024MiB\"");
  SectionChange change;
  const CheckedSection merged = take_over_live(running, fresh, change);
  EXPECT_THAT(change.live, ElementsAre("plugins.x.flush"));
  EXPECT_THAT(change.restart, ElementsAre("plugins.x.listen"));
  EXPECT_EQ(merged.string("flush"), "sync");
  EXPECT_THAT(merged.list("listen"), ElementsAre("a:1"));
}

TEST(ConfigSection, NeedsItsRequiredKeys) {
  Problems problems;
  const CheckedSection section = check_section("plugins.x", {"f", 4, 1}, {}, kKeys, {}, problems);
  EXPECT_EQ(problems.to_string(), "f:4:1: error: [plugins.x] needs the key 'listen': Where.\n");
  EXPECT_TRUE(section.list("listen").empty());
}

}  // namespace
}  // namespace tenon::kernel
