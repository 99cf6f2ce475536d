// SPDX-License-Identifier: Apache-2.0
// FIPS 180-4, for tests only.
#include "sha256.hpp"

#include <array>
#include <bit>
#include <cmath>
#include <cstdint>
#include <vector>

namespace tenon::golden {
namespace {

/// First 32 bits of the fractional part of a root of the n-th prime.
std::uint32_t fraction(long double root) {
  return static_cast<std::uint32_t>((root - std::floor(root)) * 4294967296.0L);
}

std::vector<int> primes(std::size_t count) {
  std::vector<int> found;
  for (int candidate = 2; found.size() < count; ++candidate) {
    bool prime = true;
    for (const int divisor : found) prime = prime && candidate % divisor != 0;
    if (prime) found.push_back(candidate);
  }
  return found;
}

using State = std::array<std::uint32_t, 8>;

void compress(State& state, const std::byte* block, const std::array<std::uint32_t, 64>& constants) {
  std::array<std::uint32_t, 64> words;
  for (std::size_t index = 0; index < 16; ++index) {
    words[index] = 0;
    for (std::size_t part = 0; part < 4; ++part)
      words[index] = words[index] << 8 | std::to_integer<std::uint32_t>(block[4 * index + part]);
  }
  for (std::size_t index = 16; index < 64; ++index) {
    const std::uint32_t a = words[index - 15], b = words[index - 2];
    words[index] = words[index - 16] + (std::rotr(a, 7) ^ std::rotr(a, 18) ^ (a >> 3)) + words[index - 7] +
                   (std::rotr(b, 17) ^ std::rotr(b, 19) ^ (b >> 10));
  }
  auto [a, b, c, d, e, f, g, h] = state;
  for (std::size_t index = 0; index < 64; ++index) {
    const std::uint32_t first = h + (std::rotr(e, 6) ^ std::rotr(e, 11) ^ std::rotr(e, 25)) + ((e & f) ^ (~e & g)) +
                                constants[index] + words[index];
    const std::uint32_t second =
        (std::rotr(a, 2) ^ std::rotr(a, 13) ^ std::rotr(a, 22)) + ((a & b) ^ (a & c) ^ (b & c));
    h = g, g = f, f = e, e = d + first, d = c, c = b, b = a, a = first + second;
  }
  const State mixed{a, b, c, d, e, f, g, h};
  for (std::size_t index = 0; index < 8; ++index) state[index] += mixed[index];
}

}  // namespace

std::string sha256(std::span<const std::byte> bytes) {
  static const std::vector<int> kPrimes = primes(64);
  State state;
  std::array<std::uint32_t, 64> constants;
  for (std::size_t index = 0; index < 8; ++index)
    state[index] = fraction(std::sqrt(static_cast<long double>(kPrimes[index])));
  for (std::size_t index = 0; index < 64; ++index)
    constants[index] = fraction(std::cbrt(static_cast<long double>(kPrimes[index])));
  std::vector<std::byte> padded(bytes.begin(), bytes.end());
  padded.push_back(std::byte{0x80});
  while (padded.size() % 64 != 56) padded.push_back(std::byte{0});
  const std::uint64_t bits = bytes.size() * 8;
  for (int shift = 56; shift >= 0; shift -= 8) padded.push_back(static_cast<std::byte>(bits >> shift));
  for (std::size_t at = 0; at < padded.size(); at += 64) compress(state, padded.data() + at, constants);
  std::string hex;
  for (const std::uint32_t word : state) {
    for (int shift = 28; shift >= 0; shift -= 4) hex += "0123456789abcdef"[word >> shift & 0xF];
  }
  return hex;
}

}  // namespace tenon::golden
