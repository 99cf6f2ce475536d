// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "protocol-native/testing/raw_client.hpp"

namespace tenon::e2e {

/// Sends one message to queue `queue`, making the topic if need be, and waits for the answer; code -1 when the
/// connection ends before it.
protocol_native::ReceivedFrame send_message(protocol_native::RawClient& client, std::string_view topic,
                                            std::string_view body, std::string_view queue = "0",
                                            std::string_view properties = {});

/// A topic as mqadmin makes it.
struct TopicSettings {
  std::string_view queues = "4";  ///< To read and to write.
  std::string_view perm = "6";
  std::string_view order = "false";
  std::string_view attributes = {};  ///< Empty: it says nothing of them.
};
protocol_native::ReceivedFrame put_topic(protocol_native::RawClient& client, std::string_view topic,
                                         const TopicSettings& settings);

/// Asks for messages of queue `queue` from `offset` on and waits for the answer; nothing is held.
protocol_native::ReceivedFrame pull_messages(protocol_native::RawClient& client, std::string_view topic,
                                             std::int64_t offset, std::string_view queue = "0");

/// A message as a pull brings it.
struct PulledMessage {
  std::int64_t queue_offset = 0;
  std::string body;
  std::string properties;
};
std::vector<PulledMessage> messages_of(const protocol_native::ReceivedFrame& pulled);

/// Everything from `begin` to the end of the queue.
std::vector<PulledMessage> all_messages(protocol_native::RawClient& client, std::string_view topic,
                                        std::string_view queue = "0", std::int64_t begin = 0);

}  // namespace tenon::e2e
