// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>

#include "tenon/log_tap.hpp"

namespace tenon::ha {

/// How much of the log is read at once where its records are looked at one by one: above the largest record, where
/// nobody has raised max_message_size.
inline constexpr std::int64_t kLogPieceBytes = 16LL << 20;

/// So much of the log from `from` on, where a record begins, or less before `end` and at the end of a file; as much
/// more as a first record that is larger needs. In memory. Errors: those of LogTap::read_log().
Result<LogStretch> read_log_piece(const LogTap& log, PhysicalOffset from, PhysicalOffset end);

}  // namespace tenon::ha
