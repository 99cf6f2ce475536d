// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>

#include "tenon/error.hpp"
#include "tenon/host_address.hpp"
#include "tenon/offsets.hpp"

namespace tenon::record {

/// The id a broker gives a message: where it lies. Text: upper-case hex of address (4 or 16 bytes), port i32, phyOffset
/// i64, so 32 or 56 digits. Source: store-format.md 2.10.
struct OffsetMessageId {
  HostAddress store_host;
  PhysicalOffset physical_offset;

  friend bool operator==(const OffsetMessageId&, const OffsetMessageId&) = default;
};

/// Longest text of an id.
inline constexpr std::size_t kOffsetMessageIdSizeMax = 56;

std::string to_string(const OffsetMessageId& id);
/// Writes the text to `out` (room for kOffsetMessageIdSizeMax characters, no NUL) and returns its length.
std::size_t write_offset_message_id(const HostAddress& store_host, PhysicalOffset physical_offset, char* out) noexcept;
/// Reads either length, upper or lower case. Error: invalid_parameter.
Result<OffsetMessageId> parse_offset_message_id(std::string_view id);

}  // namespace tenon::record
