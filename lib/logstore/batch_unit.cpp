// SPDX-License-Identifier: Apache-2.0
#include "logstore/batch_unit.hpp"

#include <charconv>

namespace tenon::logstore {
namespace {

std::optional<std::int64_t> number_in(const std::optional<std::string_view>& text) noexcept {
  if (!text) return std::nullopt;
  std::int64_t number = 0;
  const auto [end, error] = std::from_chars(text->data(), text->data() + text->size(), number);
  if (error != std::errc{} || end != text->data() + text->size()) return std::nullopt;
  return number;
}

}  // namespace

void encode_unit(const BatchUnit& unit, std::byte* out) noexcept {
  encode_entry(unit.entry(), out);
  record::store_big(out + 20, unit.store_timestamp_ms);
  record::store_big(out + 28, unit.base);
  record::store_big(out + 36, unit.count);
  record::store_big(out + 38, std::int32_t{-1});
  record::store_big(out + 42, std::int32_t{0});
}

BatchUnit decode_unit(const std::byte* from) noexcept {
  const IndexEntry entry = decode_entry(from);
  return {entry.physical_offset,
          entry.size_bytes,
          entry.tags_code,
          record::load_big<std::int64_t>(from + 20),
          record::load_big<std::int64_t>(from + 28),
          record::load_big<std::int16_t>(from + 36)};
}

std::optional<std::int16_t> inner_count(const PropertiesView& properties) noexcept {
  const auto number = number_in(properties.find(property::inner_num));
  if (!number || *number < 1 || *number > kInnerBatchMax) return std::nullopt;
  return static_cast<std::int16_t>(*number);
}

bool is_inner_batch(const record::RecordView& record) noexcept {
  if ((record.sys_flag() & sys_flag::inner_batch) == 0) return false;
  const PropertiesView properties = record.properties();
  return inner_count(properties) && number_in(properties.find(property::inner_base)) == record.queue_offset().value;
}

BatchUnit unit_of(const record::RecordView& record) noexcept {
  const std::int16_t count = is_inner_batch(record) ? *inner_count(record.properties()) : std::int16_t{1};
  return {record.physical_offset(),    record.total_size(),         tags_code_of(record.properties()),
          record.store_timestamp_ms(), record.queue_offset().value, count};
}

}  // namespace tenon::logstore
