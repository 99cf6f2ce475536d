// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

#include "tenon/error.hpp"

namespace tenon::kernel {

/// Which bits of a map stand for one key.
struct BloomPositions {
  std::vector<std::int32_t> bits;
  std::int32_t map_bits = 0;

  friend bool operator==(const BloomPositions&, const BloomPositions&) = default;
};

/// RocketMQ's Bloom filter over consumer groups: its geometry and its hashes. In a map bit i is bit i % 8, lowest
/// first, of byte i / 8. Source: RocketMQ BloomFilter.java, BitsArray.java; ../shared/golden/sql92/bloom.json.
/// Threads: immutable.
class BloomFilter {
 public:
  /// RocketMQ's defaults: maxErrorRateOfBloomFilter and expectConsumerNumUseFilter.
  static constexpr std::int32_t kErrorRatePercent = 20;
  static constexpr std::int32_t kExpectedKeys = 32;

  /// Error: invalid_parameter unless 1 <= error_rate_percent <= 99 and expected_keys > 0.
  static Result<BloomFilter> make(std::int32_t error_rate_percent, std::int32_t expected_keys);

  std::int32_t hashes() const noexcept { return hashes_; }
  /// Length of a map in bits, a multiple of 8.
  std::int32_t map_bits() const noexcept { return map_bits_; }
  BloomPositions positions(std::string_view key) const;

 private:
  BloomFilter(std::int32_t hashes, std::int32_t map_bits) : hashes_(hashes), map_bits_(map_bits) {}
  std::int32_t hashes_, map_bits_;
};

/// Sets the key's bits in `map`, which is as long as the filter says.
void set_bits(std::span<std::byte> map, const BloomPositions& positions) noexcept;
/// False when one of the key's bits is missing: what the map was made of did not have the key. `map` is as long as the
/// positions say.
bool has_bits(std::span<const std::byte> map, const BloomPositions& positions) noexcept;

}  // namespace tenon::kernel
