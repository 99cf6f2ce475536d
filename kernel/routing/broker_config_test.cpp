// SPDX-License-Identifier: Apache-2.0
#include "routing/broker_config.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "config/checked_section.hpp"
#include "config/toml_reader.hpp"

namespace tenon::kernel {
namespace {

using testing::HasSubstr;

/// What is said of a section [broker].
std::string problems_of(std::string_view toml) {
  Problems problems;
  const Table root = read_toml(toml, "b.toml", problems);
  const CheckedSection section = check_section("broker", {"b.toml", 1, 1}, root, broker_config_keys(), {}, problems);
  SectionDiagnostics complaints(section, problems);
  read_broker_config(section, complaints);
  return problems.to_string();
}

TEST(BrokerConfig, NamesThatBecomeTopicsAreTopicNames) {
  EXPECT_EQ(problems_of("cluster = \"c-1\"\nname = \"b_1\""), "");
  EXPECT_THAT(problems_of("cluster = \"a b\""), HasSubstr("b.toml:1:11: error: broker.cluster = \"a b\": "));
  EXPECT_THAT(problems_of("name = \"a/b\""), HasSubstr("b.toml:1:8: error: broker.name = \"a/b\": "));
}

TEST(BrokerConfig, ARateOfColdReadsIsNoneOrOneThatServes) {
  for (const char* rate : {"\"0B\"", "\"64KiB\"", "\"100MiB\""})
    EXPECT_EQ(problems_of(std::string("cold_read_rate = ") + rate), "") << rate;
  // A rate without its unit.
  EXPECT_THAT(problems_of("cold_read_rate = 100"),
              HasSubstr("broker.cold_read_rate = 100: expected at least \"64KiB\" (a second), or \"0B\" for no limit"));
}

}  // namespace
}  // namespace tenon::kernel
