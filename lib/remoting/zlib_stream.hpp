// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "tenon/error.hpp"

namespace tenon::remoting {

/// Inflates one zlib stream (Java's DeflaterOutputStream: compressed registrations, compressed message bodies).
/// Memory grows with the output, never beyond `max_bytes`. Errors: message_illegal when the stream is damaged, cut
/// short, or longer than `max_bytes` when inflated.
Result<std::vector<std::byte>> inflate_bounded(std::span<const std::byte> compressed, std::size_t max_bytes);

/// Deflates into one zlib stream. `level` 1..9; Java registers with 9 and compresses message bodies with 5.
std::vector<std::byte> deflate_all(std::span<const std::byte> plain, int level = 9);

/// CRC-32 & 0x7FFFFFFF, as RocketMQ's UtilAll.crc32 (`bodyCrc32` of a registration).
std::uint32_t crc32_31(std::span<const std::byte> bytes) noexcept;

}  // namespace tenon::remoting
