// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <span>
#include <string>
#include <string_view>

#include "record/record_view.hpp"

/// The CRC over a whole record that RocketMQ 5.2 appends as its last property when enabledAppendPropCRC is set:
/// `__CRC32#` 0x01, ten decimal digits, 0x02. Format: ../shared/reference/store-format.md 2.4.
namespace tenon::record {

inline constexpr std::string_view kPropertyCrcBegin = "__CRC32#\x01";
inline constexpr std::size_t kPropertyCrcSize = 20;

/// The properties with room for the CRC at their end, and without one that came with them.
std::string with_room_for_property_crc(std::string_view properties);

/// Whether the last property is one, right or wrong. Looks at the end only.
inline bool ends_with_property_crc(std::string_view properties) noexcept {
  return properties.size() >= kPropertyCrcSize &&
         properties.substr(properties.size() - kPropertyCrcSize).starts_with(kPropertyCrcBegin) &&
         properties.ends_with('\x02');
}

/// The properties without it.
std::string without_property_crc(std::string_view properties);

/// Fills the room, when all else of the record stands: its properties were made by with_room_for_property_crc().
void write_property_crc(std::span<std::byte> record) noexcept;

/// Whether it is there and wrong.
bool property_crc_is_wrong(const RecordView& record) noexcept;

}  // namespace tenon::record
