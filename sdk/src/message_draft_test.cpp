// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include "tenon/publish_interceptor.hpp"

namespace tenon {
namespace {

TEST(MessageDraft, CopiesOnlyWhatChanges) {
  const std::string topic = "orders", properties = "TAGS\1a\2";
  Message message;
  message.topic = topic;
  message.properties = properties;
  MessageDraft draft(message);
  EXPECT_EQ(draft.message().topic.data(), topic.data());
  draft.set_property("TAGS", "b");
  draft.set_property("KEYS", "k");
  draft.set_topic("elsewhere");
  EXPECT_EQ(draft.properties().find("TAGS"), "b");
  EXPECT_EQ(draft.properties().find("KEYS"), "k");
  EXPECT_EQ(draft.message().topic, "elsewhere");
  EXPECT_EQ(properties, "TAGS\1a\2");
}

}  // namespace
}  // namespace tenon
