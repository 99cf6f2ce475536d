// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>

#include "record/layout.hpp"
#include "tenon/filter.hpp"

namespace tenon::logstore {

/// Consume-queue entry, 20 bytes, big-endian: i64 phyOffset, i32 size of the whole record, i64 tags code.
/// Zeros end the data. Source: ../shared/reference/store-format.md 3.1.
inline constexpr std::int64_t kQueueEntrySize = 20;
/// Size field of the filler that stands before the first entry of a queue whose first file starts in the middle.
inline constexpr std::int32_t kFillerSize = 2'147'483'647;

/// Above this no queue has an offset: the position in its files would not fit an i64. Only damage says so.
inline constexpr std::int64_t kQueueOffsetMax = INT64_MAX / 64;

inline void encode_entry(const IndexEntry& entry, std::byte* out) noexcept {
  record::store_big(out, entry.physical_offset.value);
  record::store_big(out + 8, entry.size_bytes);
  record::store_big(out + 12, entry.tags_code);
}
inline IndexEntry decode_entry(const std::byte* from) noexcept {
  return {{record::load_big<std::int64_t>(from)},
          record::load_big<std::int32_t>(from + 8),
          record::load_big<std::int64_t>(from + 12)};
}
inline bool is_valid(const IndexEntry& entry) noexcept {
  return entry.physical_offset.value >= 0 && entry.size_bytes > 0;
}
inline bool is_filler(const IndexEntry& entry) noexcept { return entry.size_bytes == kFillerSize; }

}  // namespace tenon::logstore
