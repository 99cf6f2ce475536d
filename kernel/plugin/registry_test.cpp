// SPDX-License-Identifier: Apache-2.0
#include "plugin/registry.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tenon/error.hpp"

namespace tenon::kernel {
namespace {

using testing::HasSubstr;

class Lamp : public Capability {
 public:
  static constexpr CapabilityId kId{"test.lamp", 1};
};

std::vector<CapabilityRef> list(std::string_view text) { return parse_capability_list(text).value(); }

template <class Call>
std::string failure_of(const Call& call) {
  try {
    call();
  } catch (const Failure& failure) {
    return failure.what();
  }
  return "no failure";
}

class Registry : public testing::Test {
 protected:
  ServiceRegistry registry_;
  std::vector<CapabilityRef> lamp_ = list("test.lamp/1"), nothing_;
  PluginServices provider_{registry_, "provider", lamp_, nothing_};
  PluginServices other_{registry_, "other", lamp_, nothing_};
  PluginServices user_{registry_, "user", nothing_, lamp_};
  Lamp red_, green_;
};

TEST_F(Registry, GivesWhatWasProvided) {
  provider_.provide(red_, "red");
  other_.provide(green_, "green");
  EXPECT_EQ(&user_.require<Lamp>("green"), &green_);
  EXPECT_EQ(user_.find<Lamp>("blue"), nullptr);
}

TEST_F(Registry, GivesAllInTheOrderOfTheNamesOfTheirProviders) {
  provider_.provide(red_, "red");  // first in time
  other_.provide(green_, "green");
  const auto all = user_.find_all<Lamp>();
  ASSERT_EQ(all.size(), 2u);
  EXPECT_EQ(all[0].key, "green");
  EXPECT_EQ(all[1].key, "red");
}

TEST_F(Registry, ChecksWhatTheNoteAnnounces) {
  EXPECT_THAT(failure_of([&] { user_.provide(red_); }),
              HasSubstr("provides 'test.lamp/1', which its note does not announce"));
  EXPECT_THAT(failure_of([&] { provider_.find<Lamp>(); }),
              HasSubstr("asks for 'test.lamp/1', which its note does not announce"));
  EXPECT_THAT(failure_of([&] { user_.require<Lamp>(); }), HasSubstr("which no enabled plug-in provides"));
}

TEST_F(Registry, RefusesTwoUnderOneKey) {
  provider_.provide(red_, "red");
  EXPECT_THAT(failure_of([&] { other_.provide(green_, "red"); }),
              HasSubstr("provides 'test.lamp/1:red', which 'provider' provides already"));
}

TEST_F(Registry, RefusesToChooseBetweenTwoWithoutAKey) {
  provider_.provide(red_);
  other_.provide(green_);
  EXPECT_EQ(user_.find_all<Lamp>().size(), 2u);
  EXPECT_THAT(failure_of([&] { user_.require<Lamp>(); }), HasSubstr("'provider' and 'other' both provide it"));
}

}  // namespace
}  // namespace tenon::kernel
