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
  message.indexed = indexed_properties_of(PropertiesView(properties));
  MessageDraft draft(message);
  EXPECT_EQ(draft.message().topic.data(), topic.data());
  EXPECT_EQ(draft.message().indexed->tags, "a");
  draft.set_property("TAGS", "b");
  draft.set_property("KEYS", "k");
  draft.set_topic("elsewhere");
  EXPECT_EQ(draft.properties().find("TAGS"), "b");
  EXPECT_FALSE(draft.message().indexed);
  EXPECT_EQ(draft.properties().find("KEYS"), "k");
  EXPECT_EQ(draft.message().topic, "elsewhere");
  EXPECT_EQ(properties, "TAGS\1a\2");
}

TEST(MessageDraft, TakesAValueFromItsOwnProperties) {
  Message message;
  const std::string long_value(100, 'v');
  const std::string properties = "A\x01" + long_value +
                                 "\x02"
                                 "B\x01"
                                 "b\x02";
  message.properties = properties;
  MessageDraft draft(message);
  draft.set_property("C", "c");
  draft.set_property("B", *draft.properties().find("A"));
  EXPECT_EQ(draft.properties().find("B"), long_value);
  EXPECT_EQ(draft.properties().find("C"), "c");
}

}  // namespace
}  // namespace tenon
