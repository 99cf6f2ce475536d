// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <span>

#include "tenon/log_tap.hpp"

namespace tenon::ha {

/// A record of the log, as it is known again.
struct RecordMark {
  PhysicalOffset begin;
  std::int32_t size = 0;
  std::int32_t crc = 0;

  bool is(std::span<const std::byte> bytes) const;
};

/// The last record before `end`, the end of one, that a master can be asked for (33); read from `from` on, where one
/// begins, or from the begin of its file. Nothing: the log is empty before `end`. Errors: those of LogTap::read_log(),
/// also when it was deleted meanwhile; corrupt: no record lies there.
Result<std::optional<RecordMark>> last_record(const LogTap& log, PhysicalOffset from, PhysicalOffset end);

}  // namespace tenon::ha
