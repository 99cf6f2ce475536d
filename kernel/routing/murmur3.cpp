// SPDX-License-Identifier: Apache-2.0
#include "routing/murmur3.hpp"

#include <bit>
#include <cstddef>

namespace tenon::kernel {
namespace {

constexpr std::uint64_t kFirst = 0x87C37B91114253D5, kSecond = 0x4CF5AD432745937F;
constexpr std::size_t kBlock = 16;

/// Up to eight bytes, the first one lowest.
std::uint64_t little_endian(std::string_view bytes) noexcept {
  std::uint64_t word = 0;
  for (std::size_t index = 0; index < bytes.size(); ++index) {
    word |= std::uint64_t{static_cast<unsigned char>(bytes[index])} << (8 * index);
  }
  return word;
}

std::uint64_t mixed_first(std::uint64_t word) noexcept { return std::rotl(word * kFirst, 31) * kSecond; }
std::uint64_t mixed_second(std::uint64_t word) noexcept { return std::rotl(word * kSecond, 33) * kFirst; }

std::uint64_t avalanche(std::uint64_t word) noexcept {
  word = (word ^ (word >> 33)) * 0xFF51AFD7ED558CCD;
  word = (word ^ (word >> 33)) * 0xC4CEB9FE1A85EC53;
  return word ^ (word >> 33);
}

}  // namespace

std::uint64_t murmur3_x64_128_low(std::string_view key) noexcept {
  std::uint64_t low = 0, high = 0;
  std::string_view rest = key;
  for (; rest.size() >= kBlock; rest.remove_prefix(kBlock)) {
    low ^= mixed_first(little_endian(rest.substr(0, 8)));
    low = (std::rotl(low, 27) + high) * 5 + 0x52DCE729;
    high ^= mixed_second(little_endian(rest.substr(8, 8)));
    high = (std::rotl(high, 31) + low) * 5 + 0x38495AB5;
  }
  low ^= mixed_first(little_endian(rest.substr(0, 8)));
  if (rest.size() > 8) high ^= mixed_second(little_endian(rest.substr(8)));
  low ^= key.size();
  high ^= key.size();
  low += high;
  high += low;
  return avalanche(low) + avalanche(high);
}

}  // namespace tenon::kernel
