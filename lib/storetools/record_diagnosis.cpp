// SPDX-License-Identifier: Apache-2.0
#include "storetools/record_diagnosis.hpp"

#include <cstdio>

#include "record/crc32.hpp"
#include "record/layout.hpp"

namespace tenon::storetools {
namespace {

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

}  // namespace tenon::storetools
