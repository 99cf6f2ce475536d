// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "tenon/error.hpp"

namespace tenon::remoting {

/// The parts of a compressed registration (103 with compressed=true), still in their own text forms.
/// Source: ../shared/reference/remoting-protocol.md 1.13 and 3.11.
struct RegisterParts {
  std::string data_version;                 ///< JSON of DataVersion.
  std::vector<std::string> topic_configs;   ///< TopicConfig encode strings, see 3.11.
  std::string filter_servers;               ///< JSON array of strings.
  std::vector<std::string> queue_mappings;  ///< JSON of TopicQueueMappingInfo; only brokers from 5.0 on.
};

/// Inflates and splits. `with_mappings`: the broker's version is 413 or more.
/// Errors: message_illegal. Memory is bounded by `max_inflated_bytes` (a few times, for the strings).
Result<RegisterParts> decode_compressed_register_body(std::span<const std::byte> body, bool with_mappings,
                                                      std::size_t max_inflated_bytes = 64 * 1024 * 1024);
std::vector<std::byte> encode_compressed_register_body(const RegisterParts& parts, bool with_mappings);

}  // namespace tenon::remoting
