// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include "remoting/language.hpp"
#include "remoting/mq_version.hpp"
#include "remoting/request_code.hpp"
#include "remoting/response_code.hpp"

namespace tenon::remoting {
namespace {

TEST(CodeNames, AreRocketMqs) {
  EXPECT_EQ(request_code_name(310), "SEND_MESSAGE_V2");
  EXPECT_EQ(request_code_name(200050), "POP_MESSAGE");
  EXPECT_EQ(request_code_name(9999), "");
  EXPECT_EQ(response_code_name(17), "TOPIC_NOT_EXIST");
  EXPECT_EQ(response_code_name(-1006), "RPC_TIME_OUT");
  EXPECT_EQ(response_code_name(9999), "");
}

TEST(LanguageName, RoundTrips) {
  for (int byte = 0; byte < 14; ++byte) {
    const Language language = language_from_byte(static_cast<std::uint8_t>(byte));
    EXPECT_EQ(language_from_name(language_name(language)), language);
  }
  EXPECT_EQ(language_name(Language::node_js), "NODE_JS");
  EXPECT_EQ(language_from_byte(14), Language::other);
  EXPECT_EQ(language_from_byte(255), Language::other);
}

TEST(MqVersionName, FollowsTheReleases) {
  EXPECT_EQ(mq_version_name(0), "V3_0_0_SNAPSHOT");
  EXPECT_EQ(mq_version_name(15), "V3_0_0_FINAL");
  EXPECT_EQ(mq_version_name(37), "V3_0_11");
  EXPECT_EQ(mq_version_name(62), "V3_1_8_SNAPSHOT");
  EXPECT_EQ(mq_version_name(85), "V3_2_9");
  EXPECT_EQ(mq_version_name(87), "V3_3_1");
  EXPECT_EQ(mq_version_name(121), "V3_4_9");
  EXPECT_EQ(mq_version_name(211), "V3_9_9");
  EXPECT_EQ(mq_version_name(232), "V4_1_0_SNAPSHOT");
  EXPECT_EQ(mq_version_name(317), "V4_5_2");
  EXPECT_EQ(mq_version_name(407), "V4_9_7");
  EXPECT_EQ(mq_version_name(413), "V5_0_0");
  EXPECT_EQ(mq_version_name(mq_version::ours), "V5_4_0");
  EXPECT_EQ(mq_version_name(611), "V5_9_9");
  EXPECT_EQ(mq_version_name(612), "HIGHER_VERSION");
  EXPECT_EQ(mq_version_name(-5), "HIGHER_VERSION");
}

}  // namespace
}  // namespace tenon::remoting
