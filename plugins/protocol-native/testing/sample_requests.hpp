// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string_view>

#include "protocol-native/testing/raw_client.hpp"

namespace tenon::protocol_native {

/// A send as a Java producer makes it; what a test does not say has its usual value. Borrows all its text.
struct SampleSend {
  std::string_view topic = "T";
  std::string_view group = "producers";
  std::string_view queue = "0";
  std::string_view sys_flag = "0";
  std::string_view flag = "0";
  std::string_view properties = {};
  std::string_view batch = "false";
};
/// The fields of SEND_MESSAGE_V2, in the order of a Java producer.
RawClient::FieldList fields_of(const SampleSend& send);

/// A pull that is not held and takes 32 messages of every tag.
struct SamplePull {
  std::string_view topic = "T";
  std::string_view group = "readers";
  std::string_view queue = "0";
  std::string_view offset = "0";
  std::string_view max_messages = "32";
  std::string_view sys_flag = "4";  ///< 1: commits an offset, 2: may be held, 4: brings its subscription.
  std::string_view commit_offset = "0";
  std::string_view hold_ms = "0";
  std::string_view subscription = "*";
  std::string_view version = "0";
  std::string_view expression_type = "TAG";
};
/// The fields of PULL_MESSAGE.
RawClient::FieldList fields_of(const SamplePull& pull);

}  // namespace tenon::protocol_native
