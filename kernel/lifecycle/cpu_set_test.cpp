// SPDX-License-Identifier: Apache-2.0
#include "lifecycle/cpu_set.hpp"

#include <gtest/gtest.h>

#include <thread>

namespace tenon::kernel {
namespace {

std::string parsed(std::string_view list) {
  const auto set = CpuSet::parse(list);
  return set ? set->to_string() : "nothing";
}

TEST(CpuSet, IsReadAndWrittenAsListsOfProcessorsAre) {
  EXPECT_EQ(parsed(""), "");
  EXPECT_EQ(parsed("0"), "0");
  EXPECT_EQ(parsed("3,0-1,2"), "0-3");
  EXPECT_EQ(parsed("0-3,8,1023"), "0-3,8,1023");
}

TEST(CpuSet, RefusesWhatIsNoList) {
  for (const char* list :
       {",", "0,", ",0", "0,,1", "-", "0-", "-1", "3-1", "a", "0 ", "0x1", "1024", "0-1024", "99999999999", "1-2-3"})
    EXPECT_EQ(parsed(list), "nothing") << list;
}

TEST(CpuSet, LeavesOthersOut) {
  const CpuSet all = CpuSet::parse("0-5").value();
  EXPECT_EQ(all.without(CpuSet::parse("0,3-9").value()).to_string(), "1-2");
  EXPECT_EQ(all.without({}).to_string(), "0-5");
  EXPECT_TRUE(all.without(all).empty());
}

TEST(CpuSet, KeepsAThreadAndThoseThatItStarts) {
  std::string of_child;
  const CpuSet available = CpuSet::of_this_thread();
  const CpuSet last = CpuSet::parse(available.to_string().substr(available.to_string().find_last_of(",-") + 1)).value();
  std::thread([&] {
    CpuSet().keep_this_thread();
    EXPECT_EQ(CpuSet::of_this_thread().to_string(), available.to_string());
    last.keep_this_thread();
    std::thread([&] { of_child = CpuSet::of_this_thread().to_string(); }).join();
  }).join();
  EXPECT_EQ(of_child, last.to_string());
  EXPECT_EQ(CpuSet::of_this_thread().to_string(), available.to_string());
}

TEST(CpuSet, ThatIsNotThereLeavesAThreadWhereItIs) {
  const std::string before = CpuSet::of_this_thread().to_string();
  std::thread([&] {
    CpuSet::parse("1023").value().keep_this_thread();
    EXPECT_EQ(CpuSet::of_this_thread().to_string(), before);
  }).join();
}

}  // namespace
}  // namespace tenon::kernel
