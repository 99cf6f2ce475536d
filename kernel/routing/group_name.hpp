// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>

namespace tenon::kernel {

/// Bytes of the longest name of a group that tables keep.
inline constexpr std::size_t kGroupNameMax = 255;

}  // namespace tenon::kernel
