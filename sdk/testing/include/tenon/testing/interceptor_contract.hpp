// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <gtest/gtest.h>

#include <functional>
#include <memory>
#include <ostream>
#include <string>
#include <thread>
#include <vector>

#include "tenon/publish_interceptor.hpp"
#include "tenon/testing/odd_properties.hpp"
#include "tenon/topics.hpp"

namespace tenon::testing {

/// One implementation of PublishInterceptor, and properties (wire form) of messages it lets pass and refuses.
struct InterceptorCase {
  std::string name;
  std::function<std::shared_ptr<PublishInterceptor>()> make;
  std::vector<std::string> passing;
  std::vector<std::string> refused;
};

inline std::ostream& operator<<(std::ostream& out, const InterceptorCase& one) { return out << one.name; }

/// What every interceptor must keep. Include this header in one file of a test program and instantiate the suite:
///     INSTANTIATE_TEST_SUITE_P(Mine, InterceptorContract, ::testing::Values(my_case()));
class InterceptorContract : public ::testing::TestWithParam<InterceptorCase> {
 protected:
  /// Calls the interceptor with a message of these properties.
  Status intercept(MessageDraft& draft) { return interceptor_->intercept(draft); }
  static Message message(std::string_view properties) {
    Message message;
    message.topic = "Topic";
    message.properties = properties;
    message.body = std::as_bytes(std::span<const char>("hello", 5));
    return message;
  }
  std::shared_ptr<PublishInterceptor> interceptor_ = GetParam().make();
};

TEST_P(InterceptorContract, ItsPlaceNeverChanges) {
  const int order = interceptor_->order();
  for (const std::string& properties : GetParam().passing) {
    MessageDraft draft(message(properties));
    ASSERT_TRUE(intercept(draft));
    EXPECT_EQ(interceptor_->order(), order);
  }
  EXPECT_EQ(GetParam().make()->order(), order) << "two of one configuration stand at one place";
}

TEST_P(InterceptorContract, WhatItLetsPassCanBeStored) {
  constexpr std::size_t kPropertiesMax = 32'767;
  for (const std::string& properties : GetParam().passing) {
    MessageDraft draft(message(properties));
    const Status passed = intercept(draft);
    ASSERT_TRUE(passed) << properties << ": " << passed.error().message();
    EXPECT_TRUE(validate_topic_name(draft.message().topic));
    EXPECT_GE(draft.message().queue_id, 0);
    EXPECT_LE(draft.message().properties.size(), kPropertiesMax);
    draft.properties().for_each([](std::string_view name, std::string_view value) {
      EXPECT_FALSE(name.empty());
      EXPECT_EQ(value.find('\1'), std::string_view::npos) << "a value breaks the properties: " << name;
    });
  }
}

TEST_P(InterceptorContract, RefusalsHaveACodeAndAReason) {
  for (const std::string& properties : GetParam().refused) {
    MessageDraft draft(message(properties));
    const Status refused = intercept(draft);
    ASSERT_FALSE(refused) << properties;
    EXPECT_FALSE(refused.error().message().empty()) << "the producer is shown it";
    // These three tell the producer that the message is stored.
    for (const Errc stored : {Errc::flush_disk_timeout, Errc::flush_slave_timeout, Errc::slave_not_available}) {
      EXPECT_FALSE(refused.error().is(stored));
    }
  }
}

TEST_P(InterceptorContract, OddMessagesDoNotHurt) {
  for (const std::string& properties : odd_properties()) {
    MessageDraft draft(message(properties));
    EXPECT_NO_THROW(static_cast<void>(intercept(draft)));
  }
  for (const std::string& properties : GetParam().passing) {
    MessageDraft draft(message(properties));
    EXPECT_TRUE(intercept(draft)) << "an odd message left something behind";
  }
}

TEST_P(InterceptorContract, ManyThreadsMayUseIt) {
  const auto use = [&] {
    for (int round = 0; round < 1000; ++round) {
      for (const std::string& properties : GetParam().passing) {
        MessageDraft draft(message(properties));
        ASSERT_TRUE(intercept(draft));
      }
      for (const std::string& properties : GetParam().refused) {
        MessageDraft draft(message(properties));
        ASSERT_FALSE(intercept(draft));
      }
    }
  };
  std::thread other(use);
  use();
  other.join();
}

}  // namespace tenon::testing
