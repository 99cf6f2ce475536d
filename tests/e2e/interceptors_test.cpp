// SPDX-License-Identifier: Apache-2.0
// The example sdk/examples/stamp-interceptor in a serving broker, more than once.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <csignal>

#include "broker_process.hpp"
#include "message_requests.hpp"
#include "tenon/properties.hpp"

namespace tenon::e2e {
namespace {

using protocol_native::RawClient;

BrokerSetup standalone_with(const std::string& tables) {
  BrokerSetup setup;
  setup.config = std::string(kStandalone) + tables;
  setup.environment = {{"TENON_PLUGIN_PATH", TENON_TEST_PLUGINS}};
  return setup;
}

TEST(Interceptors, RunOneAfterTheOtherInTheOrderOfTheirNames) {
  // The one declared first comes second by its name, so its stamp stays.
  BrokerProcess broker(standalone_with(R"(
[plugins.b-second]
type = "stamp-interceptor"
property = "STAMP"
value = "second"

[plugins.a-first]
type = "stamp-interceptor"
property = "STAMP"
value = "first"

[plugins.c-other]
type = "stamp-interceptor"
property = "OTHER"
value = "third"
)"));
  RawClient client(broker.address());
  ASSERT_EQ(send_message(client, "T-stamped", "x", "0", "TAGS\1new\2").code, 0);
  const auto stored = all_messages(client, "T-stamped");
  ASSERT_EQ(stored.size(), 1u);
  const PropertiesView properties(stored[0].properties);
  EXPECT_EQ(properties.find("STAMP"), "second");
  EXPECT_EQ(properties.find("OTHER"), "third");
  EXPECT_EQ(properties.find("TAGS"), "new");
  EXPECT_EQ(broker.end(SIGTERM), 0);
}

TEST(Interceptors, OneThatRefusesIsTheLastWord) {
  BrokerProcess broker(standalone_with(R"(
[plugins.a-refuses]
type = "stamp-interceptor"
refuse = "spam"

[plugins.b-refuses]
type = "stamp-interceptor"
refuse = "late"
)"));
  RawClient client(broker.address());
  for (const char* tag : {"spam", "late"}) {
    const auto refused = send_message(client, "T-refused", "x", "0", std::string("TAGS\1") + tag + "\2");
    EXPECT_EQ(refused.code, 13);
    EXPECT_THAT(refused.remark.value_or(""),
                testing::HasSubstr(std::string("messages tagged '") + tag + "' are refused here"));
  }
  EXPECT_EQ(send_message(client, "T-refused", "x", "0", "TAGS\1fine\2").code, 0);
  EXPECT_EQ(all_messages(client, "T-refused").size(), 1u);
}

}  // namespace
}  // namespace tenon::e2e
