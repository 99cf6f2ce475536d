// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <bit>
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <cstring>

/// Where the fields of a commit-log record lie. Format source: ../shared/reference/store-format.md 2.1-2.3
/// (RocketMQ CommitLog.java, MessageExtEncoder.java). All integers are big-endian and signed; nothing is aligned.
namespace tenon::record {

enum class Magic : std::int32_t {
  v1 = -626843481,     ///< DAA320A7: topic length in one byte, at most 127.
  v2 = -626843477,     ///< DAA320AB: topic length in two bytes. Unknown to RocketMQ before 5.1.
  blank = -875286124,  ///< CBD43194: end-of-file filler.
};

/// Byte positions from the start of a record.
namespace position {
inline constexpr std::size_t total_size = 0;
inline constexpr std::size_t magic = 4;
inline constexpr std::size_t body_crc = 8;
inline constexpr std::size_t queue_id = 12;
inline constexpr std::size_t flag = 16;
inline constexpr std::size_t queue_offset = 20;
inline constexpr std::size_t physical_offset = 28;
inline constexpr std::size_t sys_flag = 36;
inline constexpr std::size_t born_timestamp = 40;
inline constexpr std::size_t born_host = 48;
/// Follows born_host, so it depends on that one's width.
constexpr std::size_t store_timestamp(bool born_host_v6) noexcept { return born_host_v6 ? 68 : 56; }
}  // namespace position

inline constexpr std::size_t kHostSizeV4 = 8;  ///< 4 address bytes and the port as i32.
inline constexpr std::size_t kHostSizeV6 = 20;
/// A V1 record with two IPv4 hosts and empty body, topic and properties.
inline constexpr std::size_t kMinRecordSize = 91;
/// What stays free at the end of every file: i32 rest, i32 blank magic.
inline constexpr std::size_t kBlankSize = 8;
inline constexpr std::size_t kTopicSizeMaxV1 = 127;
inline constexpr std::size_t kTopicSizeMax = 255;
inline constexpr std::size_t kPropertiesSizeMax = 32'767;

template <std::integral Integer>
Integer load_big(const std::byte* from) noexcept {
  std::make_unsigned_t<Integer> value;
  std::memcpy(&value, from, sizeof value);
  if constexpr (sizeof value == 8) value = __builtin_bswap64(value);
  if constexpr (sizeof value == 4) value = __builtin_bswap32(value);
  if constexpr (sizeof value == 2) value = __builtin_bswap16(value);
  return static_cast<Integer>(value);
}

template <std::integral Integer>
void store_big(std::byte* to, Integer integer) noexcept {
  auto value = static_cast<std::make_unsigned_t<Integer>>(integer);
  if constexpr (sizeof value == 8) value = __builtin_bswap64(value);
  if constexpr (sizeof value == 4) value = __builtin_bswap32(value);
  if constexpr (sizeof value == 2) value = __builtin_bswap16(value);
  std::memcpy(to, &value, sizeof value);
}

static_assert(std::endian::native == std::endian::little, "the byte swaps above assume a little-endian machine");

}  // namespace tenon::record
