// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>

namespace tenon::e2e {

/// A port of 127.0.0.1 that nobody listens on, for programs that must be told one. Below those that Linux gives out for
/// port 0, so that no client and no other test gets it meanwhile. Throws std::runtime_error.
std::uint16_t free_port();

}  // namespace tenon::e2e
