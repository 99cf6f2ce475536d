// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string_view>

namespace tenon::kernel {

/// The lower 64 bits of MurmurHash3_x64_128 with seed 0: Guava's `Hashing.murmur3_128().hashString(key,
/// UTF_8).asLong()`.
std::uint64_t murmur3_x64_128_low(std::string_view key) noexcept;

}  // namespace tenon::kernel
