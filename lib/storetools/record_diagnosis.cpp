// SPDX-License-Identifier: Apache-2.0
#include "storetools/record_diagnosis.hpp"

#include <cstdio>

#include "record/crc32.hpp"
#include "record/layout.hpp"

namespace tenon::storetools {
namespace {

constexpr std::size_t kCrcEntrySize = 20;
constexpr std::string_view kCrcName = "__CRC32#\x01";

std::string hex(std::int32_t value) {
  char digits[9];
  std::snprintf(digits, sizeof digits, "%08X", static_cast<unsigned>(value));
  return digits;
}

}  // namespace

std::string diagnose_record(std::span<const std::byte> rest, PhysicalOffset expected) {
  if (rest.size() < record::kBlankSize) return text("only ", rest.size(), " bytes before the end of the file");
  const auto size = record::load_big<std::int32_t>(rest.data());
  const auto magic = record::load_big<std::int32_t>(rest.data() + record::position::magic);
  if (magic == static_cast<std::int32_t>(record::Magic::blank))
    return text("a filler of ", size, " bytes where ", rest.size(), " are left of the file");
  if (magic != static_cast<std::int32_t>(record::Magic::v1) && magic != static_cast<std::int32_t>(record::Magic::v2))
    return text("no record: its magic is ", hex(magic));
  const auto view = record::RecordView::decode(rest);
  if (!view) return view.error().message();
  if (view->physical_offset() != expected)
    return text("the record of physical offset ", view->physical_offset(), ", which does not belong here");
  return text("the body does not match its CRC: ", hex(view->body_crc()), " stored, ",
              hex(record::masked_crc32(view->body())), " computed");
}

bool property_crc_is_wrong(const record::RecordView& view) {
  const std::string_view properties = view.properties().wire();
  if (properties.size() < kCrcEntrySize) return false;
  const std::string_view entry = properties.substr(properties.size() - kCrcEntrySize);
  if (!entry.starts_with(kCrcName) || !entry.ends_with('\x02')) return false;
  std::int64_t stored = 0;  // decimal digits, the least significant first
  for (std::size_t at = entry.size() - 2; at >= kCrcName.size(); --at) {
    if (entry[at] < '0' || entry[at] > '9') return true;
    stored = stored * 10 + (entry[at] - '0');
  }
  return stored != record::masked_crc32(view.bytes().first(view.bytes().size() - kCrcEntrySize));
}

}  // namespace tenon::storetools
