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

std::vector<SectionDeclaration> sections() { return {{"plugins.x", "A plug-in.", kKeys}}; }

TEST(Explain, SaysTypeDefaultBoundsAndMeaning) {
  const std::string page = explain_as_markdown(sections());
  EXPECT_THAT(page, HasSubstr("| `flush` | async or sync | `\"async\"` | When to flush. *live* |"));
  EXPECT_THAT(page, HasSubstr("| `size` | size, at least 1MiB | `\"1GiB\"` | Size. |"));
  EXPECT_THAT(page, HasSubstr("| `listen` | list of addresses | `required` |"));
  EXPECT_THAT(explain_as_text(sections()), HasSubstr("  flush = \"async\"\n      When to flush.\n"));
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
