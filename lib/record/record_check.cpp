// SPDX-License-Identifier: Apache-2.0
#include "record/record_check.hpp"

#include "record/crc32.hpp"
#include "record/property_crc.hpp"

namespace tenon::record {

CheckedRecord check_record(std::span<const std::byte> rest_of_file, PhysicalOffset expected, PropertyCrc property_crc) {
  if (rest_of_file.size() < kBlankSize) return {};
  const auto magic = static_cast<Magic>(load_big<std::int32_t>(rest_of_file.data() + position::magic));
  if (magic == Magic::blank) {
    const bool fits = static_cast<std::size_t>(load_big<std::int32_t>(rest_of_file.data())) == rest_of_file.size();
    return {fits ? RecordState::blank : RecordState::damaged, {}};
  }
  if (magic != Magic::v1 && magic != Magic::v2) return {};
  auto view = RecordView::decode(rest_of_file);
  if (!view || view->physical_offset() != expected) return {};
  if (!view->body().empty() && masked_crc32(view->body()) != view->body_crc()) return {};
  if (property_crc == PropertyCrc::checked && property_crc_is_wrong(*view)) return {};
  return {RecordState::whole, *view};
}

}  // namespace tenon::record
