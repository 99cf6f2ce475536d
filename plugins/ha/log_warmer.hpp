// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>

#include "tenon/log_tap.hpp"

namespace tenon::ha {

/// What was appended so lately lies in memory.
inline constexpr std::int64_t kHotBytes = 16LL << 20;
/// What is brought into memory at once for a slave that is further behind.
inline constexpr std::int64_t kWarmBytes = 4LL << 20;

/// Touches every page of `bytes` bytes of the log from `begin` on, so that whoever sends them next waits for no disk.
/// Waits for the disk. Returns up to where it came: to the end of the log, or of what is wanted.
PhysicalOffset bring_into_memory(const LogTap& log, PhysicalOffset begin, std::int64_t bytes);

}  // namespace tenon::ha
