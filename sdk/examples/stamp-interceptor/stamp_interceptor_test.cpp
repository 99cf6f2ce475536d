// SPDX-License-Identifier: Apache-2.0
#include "stamp_interceptor.hpp"

#include <gtest/gtest.h>

#include "tenon/testing/interceptor_contract.hpp"

namespace example {
namespace {

TEST(StampInterceptor, StampsOverWhatTheProducerClaimed) {
  StampInterceptor stamp("RECEIVED_BY", "edge-7", "");
  tenon::Message message;
  message.properties = "RECEIVED_BY\1me\2TAGS\1forbidden\2";
  tenon::MessageDraft draft(message);
  ASSERT_TRUE(stamp.intercept(draft));
  EXPECT_EQ(draft.properties().find("RECEIVED_BY"), "edge-7");
  EXPECT_EQ(draft.properties().find("TAGS"), "forbidden") << "nothing is refused when no tag is named";
}

TEST(StampInterceptor, RefusesTheTagWithASentenceForTheProducer) {
  StampInterceptor stamp("RECEIVED_BY", "edge-7", "forbidden");
  tenon::Message message;
  message.properties = "TAGS\1forbidden\2";
  tenon::MessageDraft draft(message);
  const auto refused = stamp.intercept(draft);
  ASSERT_FALSE(refused);
  EXPECT_TRUE(refused.error().is(tenon::Errc::message_illegal));
  EXPECT_NE(refused.error().message().find("'forbidden'"), std::string::npos);
}

}  // namespace
}  // namespace example

namespace tenon::testing {
namespace {

InterceptorCase stamp_case() {
  return {"Stamp",
          [] { return std::make_shared<example::StampInterceptor>("RECEIVED_BY", "edge-7", "forbidden"); },
          {"", "TAGS\1TagA\2", "RECEIVED_BY\1me\2TAGS\1TagA"},
          {"TAGS\1forbidden\2"}};
}

INSTANTIATE_TEST_SUITE_P(Example, InterceptorContract, ::testing::Values(stamp_case()));

}  // namespace
}  // namespace tenon::testing
