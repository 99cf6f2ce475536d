// SPDX-License-Identifier: Apache-2.0
#include "record/message_id.hpp"

#include <array>
#include <cstring>

#include "record/layout.hpp"

#if defined(__SSE2__)
#include <emmintrin.h>
#endif

namespace tenon::record {
namespace {

constexpr std::size_t kIdBytesV4 = 16;
constexpr std::size_t kIdBytesV6 = 28;

/// The two digits of each byte.
constexpr std::array<char, 512> make_digit_pairs() {
  std::array<char, 512> pairs{};
  for (std::size_t byte = 0; byte < 256; ++byte) {
    pairs[2 * byte] = "0123456789ABCDEF"[byte >> 4];
    pairs[2 * byte + 1] = "0123456789ABCDEF"[byte & 0xF];
  }
  return pairs;
}
constexpr auto kDigitPairs = make_digit_pairs();

#if defined(__SSE2__)
/// All digits of an IPv4 id at once: one is written for each message of a batch. In registers, because what was stored
/// in pieces is slow to load as a whole.
void write_id_v4(const HostAddress& store_host, PhysicalOffset physical_offset, char* out) noexcept {
  std::uint32_t address = 0;
  std::memcpy(&address, store_host.bytes().data(), sizeof address);
  const std::uint64_t host = std::uint64_t{__builtin_bswap32(store_host.port())} << 32 | address;
  const std::uint64_t offset = __builtin_bswap64(static_cast<std::uint64_t>(physical_offset.value));
  const __m128i all = _mm_set_epi64x(static_cast<std::int64_t>(offset), static_cast<std::int64_t>(host));
  const __m128i low_half = _mm_set1_epi8(0xF);
  const __m128i high = _mm_and_si128(_mm_srli_epi16(all, 4), low_half);
  const __m128i low = _mm_and_si128(all, low_half);
  const auto digits = [](__m128i values) {
    const __m128i letters = _mm_and_si128(_mm_cmpgt_epi8(values, _mm_set1_epi8(9)), _mm_set1_epi8('A' - '0' - 10));
    return _mm_add_epi8(_mm_add_epi8(values, _mm_set1_epi8('0')), letters);
  };
  _mm_storeu_si128(reinterpret_cast<__m128i*>(out), digits(_mm_unpacklo_epi8(high, low)));
  _mm_storeu_si128(reinterpret_cast<__m128i*>(out + 16), digits(_mm_unpackhi_epi8(high, low)));
}
#endif

template <std::size_t kAddressBytes>
std::size_t write_id(const HostAddress& store_host, PhysicalOffset physical_offset, char* out) noexcept {
  std::array<std::byte, kAddressBytes + 12> bytes;
  std::memcpy(bytes.data(), store_host.bytes().data(), kAddressBytes);
  store_big(bytes.data() + kAddressBytes, static_cast<std::int32_t>(store_host.port()));
  store_big(bytes.data() + kAddressBytes + 4, physical_offset.value);
  for (std::size_t index = 0; index < bytes.size(); ++index) {
    std::memcpy(out + 2 * index, &kDigitPairs[2 * static_cast<std::size_t>(bytes[index])], 2);
  }
  return 2 * bytes.size();
}

int digit_value(char digit) {
  if (digit >= '0' && digit <= '9') return digit - '0';
  if (digit >= 'A' && digit <= 'F') return digit - 'A' + 10;
  if (digit >= 'a' && digit <= 'f') return digit - 'a' + 10;
  return -1;
}

}  // namespace

std::size_t write_offset_message_id(const HostAddress& store_host, PhysicalOffset physical_offset, char* out) noexcept {
  if (store_host.is_v6()) return write_id<16>(store_host, physical_offset, out);
#if defined(__SSE2__)
  write_id_v4(store_host, physical_offset, out);
  return 2 * kIdBytesV4;
#else
  return write_id<4>(store_host, physical_offset, out);
#endif
}

std::string to_string(const OffsetMessageId& id) {
  char digits[kOffsetMessageIdSizeMax];
  return {digits, write_offset_message_id(id.store_host, id.physical_offset, digits)};
}

Result<OffsetMessageId> parse_offset_message_id(std::string_view id) {
  const std::size_t size = id.size() / 2;
  const Error refused(Errc::invalid_parameter, text("'", id.substr(0, 64), "' is not an offset message id"));
  if (id.size() % 2 != 0 || (size != kIdBytesV4 && size != kIdBytesV6)) return refused;
  std::array<std::byte, kIdBytesV6> bytes;
  for (std::size_t index = 0; index < size; ++index) {
    const int high = digit_value(id[2 * index]), low = digit_value(id[2 * index + 1]);
    if (high < 0 || low < 0) return refused;
    bytes[index] = static_cast<std::byte>(high * 16 + low);
  }
  const std::size_t address_size = size - 12;
  const auto port = load_big<std::int32_t>(bytes.data() + address_size);
  if (port < 0 || port > 65535) return refused;
  OffsetMessageId parsed;
  parsed.physical_offset = {load_big<std::int64_t>(bytes.data() + address_size + 4)};
  if (size == kIdBytesV6) {
    std::array<std::uint8_t, 16> address;
    std::memcpy(address.data(), bytes.data(), address.size());
    parsed.store_host = HostAddress::v6(address, static_cast<std::uint16_t>(port));
  } else {
    std::array<std::uint8_t, 4> address;
    std::memcpy(address.data(), bytes.data(), address.size());
    parsed.store_host = HostAddress::v4(address, static_cast<std::uint16_t>(port));
  }
  return parsed;
}

}  // namespace tenon::record
