// SPDX-License-Identifier: Apache-2.0
#include "protocol-native/admin/topic_attributes.hpp"

#include <gtest/gtest.h>

namespace tenon::protocol_native {
namespace {

TEST(TopicAttributes, AreAddedAndRemoved) {
  EXPECT_EQ(change_topic_attributes({}, "", true).value(), Attributes());
  EXPECT_EQ(change_topic_attributes({}, "+message.type=FIFO,+queue.type=SimpleCQ", true).value(),
            (Attributes{{"message.type", "FIFO"}, {"queue.type", "SimpleCQ"}}));
  EXPECT_EQ(change_topic_attributes({{"message.type", "FIFO"}}, "-message.type", false).value(), Attributes());
}

TEST(TopicAttributes, BatchQueuesAreAskedForWithTheTopic) {
  EXPECT_EQ(change_topic_attributes({}, "+queue.type=BatchCQ", true).value(), (Attributes{{"queue.type", "BatchCQ"}}));
}

TEST(TopicAttributes, WhatIsWrongIsSaidInRocketMqsWords) {
  const auto refusal = [](const char* change, bool creating) {
    const auto changed = change_topic_attributes({}, change, creating);
    return changed ? std::string("accepted") : changed.error().message();
  };
  EXPECT_EQ(refusal("+no.such.attribute=1", false), "unsupported key: no.such.attribute");
  EXPECT_EQ(refusal("-message.type", true), "only add attribute is supported while creating topic. key: message.type");
  EXPECT_EQ(refusal("-message.type", false), "attempt to delete a nonexistent key: message.type");
  EXPECT_EQ(refusal("+queue.type=BatchCQ", false), "attempt to update an unchangeable attribute. key: queue.type");
  EXPECT_EQ(refusal("+message.type=ODD", true), "value is not in set: +message.type=ODD");
  for (const char* malformed : {"message.type", "+message.type", "=", "-message.type=FIFO", "+", "-", "+=x"}) {
    EXPECT_NE(refusal(malformed, false), "accepted") << malformed;
  }
}

TEST(TopicAttributes, WhatNobodyWouldServeIsRefused) {
  for (const char* change :
       {"+cleanup.policy=COMPACTION", "+message.type=FIFO,+cleanup.policy=COMPACTION", "+message.type=PRIORITY"}) {
    const auto changed = change_topic_attributes({}, change, true);
    ASSERT_TRUE(changed.has_error()) << change;
    EXPECT_TRUE(changed.error().is(Errc::not_supported)) << change;
  }
}

TEST(TopicAttributes, MixedIsRecognised) {
  EXPECT_TRUE(is_mixed_message_type({{"message.type", "MIXED"}}));
  EXPECT_FALSE(is_mixed_message_type({{"message.type", "FIFO"}}));
}

}  // namespace
}  // namespace tenon::protocol_native
