// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>

namespace tenon::golden {

/// Decodes standard base64. Throws std::invalid_argument.
std::string from_base64(std::string_view text);

}  // namespace tenon::golden
