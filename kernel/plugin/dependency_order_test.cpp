// SPDX-License-Identifier: Apache-2.0
#include "plugin/dependency_order.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace tenon::kernel {
namespace {

using testing::ElementsAre;

Dependent dependent(std::string name, std::string_view provides, std::string_view requires_list,
                    std::string_view gathers = "") {
  return {std::move(name), parse_capability_list(provides).value(), parse_capability_list(requires_list).value(),
          parse_capability_list(gathers).value()};
}

std::vector<std::string> names(const std::vector<Dependent>& dependents) {
  const DependencyOrder order = order_dependents(dependents);
  std::vector<std::string> sorted;
  for (const auto& unmet : order.unmet) sorted.push_back(dependents[unmet.dependent].name + " " + unmet.message);
  if (!sorted.empty()) return sorted;
  for (const std::size_t index : order.order) sorted.push_back(dependents[index].name);
  return sorted;
}

TEST(DependencyOrder, PutsProvidersFirstAndKeepsTheFilesOrderOtherwise) {
  EXPECT_THAT(names({dependent("native", "", "publish/1"), dependent("b", "", ""),
                     dependent("kernel", "publish/1", "store/1"), dependent("store", "store/1", "")}),
              ElementsAre("b", "store", "kernel", "native"));
}

TEST(DependencyOrder, AnOptionalRequirementOrdersButIsNotNeeded) {
  EXPECT_THAT(names({dependent("a", "", "x/1?"), dependent("b", "x/1", "")}), ElementsAre("b", "a"));
  EXPECT_THAT(names({dependent("a", "", "x/1?")}), ElementsAre("a"));
}

TEST(DependencyOrder, MissingProvidersAreNamed) {
  EXPECT_THAT(names({dependent("delay", "", "store/1; timer/2")}),
              ElementsAre("delay requires 'store/1', which no enabled plug-in provides",
                          "delay requires 'timer/2', which no enabled plug-in provides"));
}

TEST(DependencyOrder, RevisionsAndKeysMatter) {
  EXPECT_THAT(names({dependent("a", "", "filter/1:SQL92"), dependent("b", "filter/1:TAG", "")}),
              ElementsAre("a requires 'filter/1:SQL92', which no enabled plug-in provides"));
  EXPECT_THAT(names({dependent("a", "", "filter/1"), dependent("b", "filter/1:TAG", "")}), ElementsAre("b", "a"));
  EXPECT_THAT(names({dependent("a", "", "x/2"), dependent("b", "x/1", "")}),
              ElementsAre("a requires 'x/2', which no enabled plug-in provides"));
}

TEST(DependencyOrder, ACycleNamesItsMembers) {
  const auto found = names({dependent("free", "", ""), dependent("a", "x/1", "y/1"), dependent("b", "y/1", "x/1")});
  EXPECT_THAT(found, ElementsAre("a is part of a cycle of requirements: 'a' needs 'b' needs 'a'"));
}

TEST(DependencyOrder, GatheringNeverMakesACycle) {
  // An interceptor that needs the kernel, and one that does not.
  EXPECT_THAT(names({dependent("kernel", "topics/1", "", "interceptor/1; store/1"),
                     dependent("needs-kernel", "interceptor/1", "topics/1"), dependent("plain", "interceptor/1", ""),
                     dependent("store", "store/1", "")}),
              ElementsAre("plain", "store", "kernel", "needs-kernel"));
}

TEST(CapabilityList, ReadsKeysAndOptionals) {
  const auto refs = parse_capability_list("a.b/1:K ; c/2?;").value();
  ASSERT_EQ(refs.size(), 2u);
  EXPECT_EQ(refs[0].name, "a.b/1");
  EXPECT_EQ(refs[0].key, "K");
  EXPECT_TRUE(refs[1].optional);
  EXPECT_FALSE(parse_capability_list("noslash"));
  EXPECT_FALSE(parse_capability_list("a/"));
  EXPECT_FALSE(parse_capability_list("a/x"));
}

}  // namespace
}  // namespace tenon::kernel
