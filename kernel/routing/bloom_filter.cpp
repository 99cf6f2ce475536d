// SPDX-License-Identifier: Apache-2.0
#include "routing/bloom_filter.hpp"

#include <algorithm>
#include <cmath>

#include "routing/murmur3.hpp"
#include "tenon/text.hpp"

namespace tenon::kernel {
namespace {

std::byte bit_of(std::int32_t position) noexcept { return std::byte{1} << (position % 8); }

}  // namespace

Result<BloomFilter> BloomFilter::make(std::int32_t error_rate_percent, std::int32_t expected_keys) {
  if (error_rate_percent < 1 || error_rate_percent >= 100) {
    return Error(Errc::invalid_parameter, text("an error rate of ", error_rate_percent, " %: expected 1 to 99"));
  }
  if (expected_keys < 1)
    return Error(Errc::invalid_parameter, text(expected_keys, " expected keys: expected 1 or more"));
  const double error_rate = error_rate_percent / 100.0;
  const auto hashes = static_cast<std::int32_t>(std::ceil(std::log(error_rate) / std::log(0.5)));
  const double bits = std::ceil(expected_keys * -std::log(error_rate) / (std::log(2.0) * std::log(2.0)));
  const auto bytes = static_cast<std::int32_t>(std::ceil(bits / 8));
  return BloomFilter(hashes, bytes * 8);
}

BloomPositions BloomFilter::positions(std::string_view key) const {
  const std::uint64_t hash = murmur3_x64_128_low(key);
  const auto first = static_cast<std::uint32_t>(hash), second = static_cast<std::uint32_t>(hash >> 32);
  BloomPositions positions;
  positions.map_bits = map_bits_;
  for (std::uint32_t index = 1; index <= static_cast<std::uint32_t>(hashes_); ++index) {
    const auto combined = static_cast<std::int32_t>(first + index * second);
    positions.bits.push_back((combined < 0 ? ~combined : combined) % map_bits_);
  }
  return positions;
}

void set_bits(std::span<std::byte> map, const BloomPositions& positions) noexcept {
  for (const std::int32_t position : positions.bits) map[static_cast<std::size_t>(position) / 8] |= bit_of(position);
}

bool has_bits(std::span<const std::byte> map, const BloomPositions& positions) noexcept {
  return std::ranges::all_of(positions.bits, [&](std::int32_t position) {
    return (map[static_cast<std::size_t>(position) / 8] & bit_of(position)) != std::byte{0};
  });
}

}  // namespace tenon::kernel
