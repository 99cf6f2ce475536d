// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace tenon::fastjson {

/// Reads the string whose opening quote (single or double) is at `at`, and moves `at` behind its end. Nothing if it is
/// malformed; `at` is then at the escape that is. A lone half of a surrogate pair becomes U+FFFD.
std::optional<std::string> scan_string(const char*& at, const char* end);

/// Appends `text` in double quotes, escaped as Java's servers do it.
void append_string(std::string& out, std::string_view text);

}  // namespace tenon::fastjson
