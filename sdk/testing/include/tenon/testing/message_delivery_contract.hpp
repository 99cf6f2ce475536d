// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <gtest/gtest.h>

#include <functional>
#include <memory>
#include <ostream>
#include <string>

#include "tenon/message_delivery.hpp"
#include "tenon/message_store.hpp"
#include "tenon/properties.hpp"

namespace tenon::testing {

/// A delivery to be tested and the store behind it.
struct OpenDelivery {
  MessageDelivery* delivery = nullptr;
  const MessageStore* store = nullptr;
  std::shared_ptr<void> keep_alive;
  /// Makes the store refuse everything from now on.
  std::function<void()> refuse;
};
struct DeliveryCase {
  std::string name;
  std::function<OpenDelivery()> open;
};
inline std::ostream& operator<<(std::ostream& out, const DeliveryCase& one) { return out << one.name; }

/// What every MessageDelivery must keep. Include this header in one file of a test program and instantiate the suite.
class MessageDeliveryContract : public ::testing::TestWithParam<DeliveryCase> {
 protected:
  Message message() const {
    Message made;
    made.topic = "T";
    made.queue_id = 2;
    made.flag = 7;
    made.born_timestamp_ms = 1'700'000'000'000;
    made.born_host = HostAddress::v4({10, 1, 2, 3}, 4'000);
    made.reconsume_times = 5;
    made.properties = properties_;
    made.body = std::as_bytes(std::span(body_));
    return made;
  }
  OpenDelivery open_ = GetParam().open();
  const std::string properties_ =
      "DELAY\1"
      "3\2KEYS\1k\2";
  const std::string body_ = "hello";
};

TEST_P(MessageDeliveryContract, StoresWhatItIsGivenAndAddsNothing) {
  const auto receipt = open_.delivery->deliver(message(), {});
  ASSERT_TRUE(receipt) << receipt.error().message();
  const auto stored = open_.store->message_at(receipt->physical_offset);
  ASSERT_TRUE(stored) << stored.error().message();
  EXPECT_EQ(stored->message.topic, "T") << "what was delayed once is not delayed again";
  EXPECT_EQ(stored->message.queue_id, 2);
  EXPECT_EQ(stored->message.flag, 7);
  EXPECT_EQ(stored->message.born_timestamp_ms, 1'700'000'000'000);
  EXPECT_EQ(stored->message.born_host, message().born_host);
  EXPECT_EQ(stored->message.reconsume_times, 5);
  EXPECT_EQ(stored->message.properties, properties_);
  EXPECT_EQ(std::string(reinterpret_cast<const char*>(stored->message.body.data()), stored->message.body.size()),
            body_);
}

TEST_P(MessageDeliveryContract, NamesTheBrokerThatStoredIt) {
  const auto receipt = open_.delivery->deliver(message(), {});
  ASSERT_TRUE(receipt);
  EXPECT_NE(open_.store->message_at(receipt->physical_offset)->message.store_host.port(), 0);
}

TEST_P(MessageDeliveryContract, ReturnsWhenTheMessageCanBeRead) {
  for (std::int64_t offset = 0; offset < 3; ++offset) {
    const auto receipt = open_.delivery->deliver(message(), {});
    ASSERT_TRUE(receipt);
    EXPECT_EQ(receipt->queue_offset.value, offset);
    EXPECT_GT(receipt->physical_end, receipt->physical_offset);
    EXPECT_EQ(open_.store->bounds("T", 2).max.value, offset + 1);
  }
}

TEST_P(MessageDeliveryContract, WhatIsNotStoredIsAnErrorWithAReason) {
  open_.refuse();
  const auto receipt = open_.delivery->deliver(message(), {});
  ASSERT_FALSE(receipt);
  EXPECT_FALSE(receipt.error().message().empty());
  EXPECT_FALSE(receipt.error().is(Errc::message_illegal)) << "that would be given up instead of tried again";
}

TEST_P(MessageDeliveryContract, TheBeginningOfTheLogIsSafe) { EXPECT_TRUE(open_.delivery->is_safe(PhysicalOffset{0})); }

}  // namespace tenon::testing
