// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "tenon/error.hpp"

namespace tenon::remoting {

/// With it a timed message is taken back (RECALL_MESSAGE): url-safe Base64 of "v1 topic brokerName timestamp
/// uniqueKey". Source: RocketMQ 5.4 RecallMessageHandle.java.
struct RecallHandle {
  std::string topic;
  std::string broker_name;
  std::int64_t timestamp_ms = 0;  ///< When it is delivered: TIMER_OUT_MS + 1.
  std::string unique_key;

  std::string encode() const;
  /// Error: illegal_operation.
  static Result<RecallHandle> decode(std::string_view handle);
};

}  // namespace tenon::remoting
