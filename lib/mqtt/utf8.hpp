// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string_view>

namespace tenon::mqtt {

/// True for what MQTT calls a UTF-8 encoded string: well formed, no overlong forms, no surrogates, nothing above
/// U+10FFFF, no U+0000. Control characters and non-characters pass. Source: MQTT-1.5.4-1, -2 of 5.0; 1.5.3-1, -2
/// of 3.1.1.
bool is_valid_text(std::string_view bytes) noexcept;
/// The same for a payload, which may have U+0000: well formed by RFC 3629.
bool is_valid_utf8(std::string_view bytes) noexcept;

}  // namespace tenon::mqtt
