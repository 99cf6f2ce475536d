// SPDX-License-Identifier: Apache-2.0
#include "logstore/queue_extension.hpp"

#include <algorithm>
#include <array>

#include "logstore/options.hpp"
#include "record/layout.hpp"

namespace tenon::logstore {
namespace {

/// i16 size of the unit, i64 tags code, i64 store time, i16 bytes of the map, the map.
constexpr std::size_t kHeadSize = 20;

}  // namespace

Status QueueExtension::load(FileSystem& file_system) {
  const auto entries = file_system.list(directory_);
  if (!entries) return entries.error();
  for (const DirectoryEntry& entry : *entries) {
    const auto base = parse_offset_file_name(entry.name);
    if (!entry.is_directory && base) files_.push_back({*base, *base + entry.size});
  }
  return {};
}

bool QueueExtension::read(std::int64_t address, Unit& unit) const {
  const std::int64_t at = address - std::numeric_limits<std::int64_t>::min();
  const auto behind = std::ranges::upper_bound(files_, at, {}, &Place::base);
  if (behind == files_.begin()) return false;
  const Place& place = *std::prev(behind);
  if (at + static_cast<std::int64_t>(kHeadSize) > place.end) return false;
  const auto file = descriptors_.open(directory_ + "/" + offset_file_name(place.base));
  if (!file || !(*file)->is_at_hand(at - place.base)) return false;
  std::array<std::byte, kHeadSize> head{};
  const auto got = (*file)->read_at(at - place.base, head);
  if (!got || *got < kHeadSize) return false;
  const auto size = record::load_big<std::int16_t>(head.data());
  const auto map_size = record::load_big<std::int16_t>(head.data() + 18);
  if (map_size < 0 || size != static_cast<std::int16_t>(kHeadSize) + map_size) return false;
  unit.bit_map.resize(static_cast<std::size_t>(map_size));
  const auto map = (*file)->read_at(at - place.base + static_cast<std::int64_t>(kHeadSize), unit.bit_map);
  if (!map || *map < unit.bit_map.size()) return false;
  unit.tags_code = record::load_big<std::int64_t>(head.data() + 2);
  unit.extension = {record::load_big<std::int64_t>(head.data() + 10), unit.bit_map};
  return true;
}

}  // namespace tenon::logstore
