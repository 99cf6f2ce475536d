// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>

namespace tenon::ha {

/// How much of the log is read at once where its records are looked at one by one: above the largest record.
inline constexpr std::int64_t kLogPieceBytes = 16LL << 20;

}  // namespace tenon::ha
