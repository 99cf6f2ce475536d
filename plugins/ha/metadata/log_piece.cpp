// SPDX-License-Identifier: Apache-2.0
#include "ha/metadata/log_piece.hpp"

#include <algorithm>

#include "record/layout.hpp"

namespace tenon::ha {

Result<LogStretch> read_log_piece(const LogTap& log, PhysicalOffset from, PhysicalOffset end) {
  auto piece = log.read_log(from, std::min(kLogPieceBytes, end - from), ReadForm::in_memory);
  if (!piece || piece->length < kLogPieceBytes) return piece;
  const std::byte* const first = std::get<MemorySlice>(piece->bytes).bytes.data();
  const std::int64_t size = record::load_big<std::int32_t>(first + record::position::total_size);
  if (size <= kLogPieceBytes) return piece;
  return log.read_log(from, std::min(size, end - from), ReadForm::in_memory);
}

}  // namespace tenon::ha
