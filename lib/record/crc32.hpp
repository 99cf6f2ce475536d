// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

namespace tenon::record {

/// CRC-32 (IEEE, as zlib) with the top bit cleared: what records and MessageExt.bodyCRC hold. 0 for no bytes.
std::int32_t masked_crc32(std::span<const std::byte> bytes) noexcept;

}  // namespace tenon::record
