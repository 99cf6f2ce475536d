// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <compare>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "tenon/error.hpp"
#include "tenon/host_address.hpp"

namespace tenon::client {

/// One queue of a topic on one broker. Ordered as RocketMQ's clients order queues before they share them out.
struct MessageQueue {
  std::string topic;
  std::string broker_name;
  std::int32_t queue_id = 0;

  auto operator<=>(const MessageQueue&) const = default;
  /// "topic/broker-a/3"
  std::string to_string() const;
};

/// A message to be sent.
struct Message {
  std::string topic{};  // `{}` throughout: designated initializers may leave members out without a warning
  std::string body{};
  std::string tags{};               ///< At most one, by custom.
  std::vector<std::string> keys{};  ///< Found again by query; no white space inside a key.
  std::vector<std::pair<std::string, std::string>> properties{};  ///< The application's own.
  std::int32_t flag = 0;                                          ///< The application's own.
  std::int32_t delay_level = 0;                                   ///< 1..18; 0: at once.

  /// Errors (message_illegal): empty topic; a property that the wire form cannot hold (empty, control characters 1 or
  /// 2) or that would be longer than 32,767 bytes together.
  Status check() const;
  /// The property block as sent, with `unique_key` as UNIQ_KEY.
  std::string wire_properties(std::string_view unique_key) const;
};

/// A message received.
struct MessageExt {
  MessageQueue queue;  ///< broker_name is filled in by who pulled it.
  std::int64_t queue_offset = 0;
  std::int64_t physical_offset = 0;
  std::string message_id;           ///< UNIQ_KEY of the producer, or the offset id when there is none.
  std::string offset_message_id;    ///< Says where it is stored.
  std::string body;                 ///< Inflated when it was stored as zlib.
  bool body_is_compressed = false;  ///< Stored in a form we cannot inflate (LZ4, ZSTD, damaged); `body` is as stored.
  std::string properties;           ///< Wire form, see tenon::PropertiesView.
  std::int32_t flag = 0;
  std::int32_t sys_flag = 0;
  std::int32_t reconsume_times = 0;
  std::int64_t born_timestamp_ms = 0;
  std::int64_t store_timestamp_ms = 0;
  HostAddress born_host;
  HostAddress store_host;

  /// Empty when absent.
  std::string_view property(std::string_view name) const;
  std::string_view tags() const;
  std::string_view keys() const;
};

}  // namespace tenon::client
