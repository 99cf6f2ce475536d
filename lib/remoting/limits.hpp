// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>

namespace tenon::remoting {

/// Fields that one header may have. RocketMQ sends at most some thirty; the limit keeps a 16 MiB header of empty fields
/// from becoming a table many times that size.
inline constexpr std::size_t kMaxFields = 4096;

/// Arena and field memory above this is given back after the command that needed it.
inline constexpr std::size_t kKeptArenaBytes = 64 * 1024;

}  // namespace tenon::remoting
