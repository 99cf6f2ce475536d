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
/// As in RocketMQ; what lies beyond kQueueOffsetMax only damage says, and the end of it could not be counted.
inline bool is_valid(const BatchUnit& unit) noexcept {
  const auto counts = [](std::int64_t offset) { return offset >= 0 && offset <= kQueueOffsetMax; };
  return counts(unit.physical_offset.value) && unit.size_bytes > 0 && counts(unit.base) && unit.count > 0;
}

/// How many messages a record with sys_flag::inner_batch holds; empty when it does not say so.
std::optional<std::int16_t> inner_count(const PropertiesView& properties) noexcept;
/// Whether a message that is to be appended says that it is one.
inline bool is_flagged(const Message& message) noexcept { return (message.sys_flag & sys_flag::inner_batch) != 0; }
/// Whether the record is an inner batch. The flag alone says nothing: no CRC is over it.
bool is_inner_batch(const record::RecordView& record) noexcept;
/// The unit of a record in a batch queue.
BatchUnit unit_of(const record::RecordView& record) noexcept;

}  // namespace tenon::logstore
