// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <span>
#include <string>

namespace tenon::golden {

/// SHA-256 in lower-case hex, as the expected files hold it.
std::string sha256(std::span<const std::byte> bytes);

}  // namespace tenon::golden
