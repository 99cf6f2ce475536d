// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace tenon::protocol_mqtt {

/// RFC 4648 section 5, without padding: safe inside a RocketMQ property.
std::string to_base64url(std::string_view bytes);
/// Reads both alphabets of RFC 4648, padded or not; empty when it is neither.
std::optional<std::string> from_base64(std::string_view text);

}  // namespace tenon::protocol_mqtt
