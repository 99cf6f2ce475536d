// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>

#include "client/producer.hpp"

namespace tenon::client {

/// A message or batch ready for the wire but for its queue.
struct Producer::Prepared {
  std::string topic;
  std::string body;        ///< Deflated if long, or the batch body.
  std::string properties;  ///< Of the header.
  std::string message_id;
  std::int32_t sys_flag = 0;
  std::int32_t flag = 0;
  std::int64_t born_timestamp_ms = 0;
  bool batch = false;
};

}  // namespace tenon::client
