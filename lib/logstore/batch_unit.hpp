// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>

#include "logstore/queue_entry.hpp"
#include "record/record_view.hpp"
#include "tenon/batch_queues.hpp"
#include "tenon/filter.hpp"
#include "tenon/message.hpp"

namespace tenon::logstore {

/// Entry of a batch consume queue, 46 bytes, big-endian: i64 phyOffset, i32 size of the whole record, i64 tags code,
/// i64 store time, i64 queue offset of the first message, i16 how many messages, i32 compacted offset (-1), i32 0.
/// Zeros end the data. Source: ../shared/reference/store-format.md 3.7.
struct BatchUnit {
  PhysicalOffset physical_offset;
  std::int32_t size_bytes = 0;
  std::int64_t tags_code = 0;
  std::int64_t store_timestamp_ms = 0;
  std::int64_t base = 0;
  std::int16_t count = 0;

  std::int64_t end() const noexcept { return base + count; }
  IndexEntry entry() const noexcept { return {physical_offset, size_bytes, tags_code}; }
};

inline constexpr std::int64_t kBatchUnitSize = 46;

void encode_unit(const BatchUnit& unit, std::byte* out) noexcept;
BatchUnit decode_unit(const std::byte* from) noexcept;
inline bool is_valid(const BatchUnit& unit) noexcept {
  return unit.physical_offset.value >= 0 && unit.size_bytes > 0 && unit.base >= 0 && unit.count > 0;
}

/// How many messages a record with sys_flag::inner_batch holds; empty when it does not say so.
std::optional<std::int16_t> inner_count(const PropertiesView& properties) noexcept;
/// Whether the record is an inner batch. The flag alone says nothing: no CRC is over it.
bool is_inner_batch(const record::RecordView& record) noexcept;
/// The unit of a record in a batch queue.
BatchUnit unit_of(const record::RecordView& record) noexcept;

}  // namespace tenon::logstore
