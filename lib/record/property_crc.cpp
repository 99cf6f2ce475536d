// SPDX-License-Identifier: Apache-2.0
#include "record/property_crc.hpp"

#include <algorithm>
#include <array>
#include <cstring>

#include "record/crc32.hpp"

namespace tenon::record {
namespace {

constexpr std::string_view kBegin = kPropertyCrcBegin;
constexpr std::size_t kSize = kPropertyCrcSize;
using Entry = std::array<char, kSize>;

/// The least significant digit first.
Entry entry_of(std::int32_t crc) noexcept {
  Entry entry;
  entry.fill('0');
  std::copy(kBegin.begin(), kBegin.end(), entry.begin());
  entry.back() = '\x02';
  for (std::size_t at = kBegin.size(); crc > 0; ++at, crc /= 10) entry[at] = static_cast<char>('0' + crc % 10);
  return entry;
}

Entry entry_for(std::span<const std::byte> record) noexcept {
  return entry_of(masked_crc32(record.first(record.size() - kSize)));
}

}  // namespace

std::string without_property_crc(std::string_view properties) {
  std::string made;
  made.reserve(properties.size() + 1 + kSize);
  PropertiesView(properties).for_each_entry([&](std::string_view entry) {
    if (!entry.starts_with(kBegin)) made.append(entry).push_back('\x02');
  });
  return made;
}

std::string with_room_for_property_crc(std::string_view properties) {
  std::string made = without_property_crc(properties);
  const Entry room = entry_of(0);
  return made.append(room.data(), room.size());
}

void write_property_crc(std::span<std::byte> record) noexcept {
  const Entry entry = entry_for(record);
  std::memcpy(record.data() + record.size() - kSize, entry.data(), kSize);
}

bool property_crc_is_wrong(const RecordView& record) noexcept {
  const std::string_view properties = record.properties().wire();
  if (!ends_with_property_crc(properties)) return false;
  const std::string_view stored = properties.substr(properties.size() - kSize);
  const Entry entry = entry_for(record.bytes());
  return stored != std::string_view(entry.data(), entry.size());
}

}  // namespace tenon::record
