// SPDX-License-Identifier: Apache-2.0
#include "routing/unique_ids.hpp"

#include <unistd.h>

#include <algorithm>
#include <ctime>

namespace tenon::kernel {
namespace {

/// Writes the lowest `digits` hex digits of `value`.
char* put_hex(char* out, std::uint64_t value, int digits) {
  for (int shift = 4 * (digits - 1); shift >= 0; shift -= 4) *out++ = "0123456789ABCDEF"[(value >> shift) & 0xF];
  return out;
}

std::int64_t month_begin(std::int64_t now_ms, int months_on) {
  const std::time_t seconds = now_ms / 1000;
  std::tm local{};
  localtime_r(&seconds, &local);
  std::tm first{};
  first.tm_year = local.tm_year;
  first.tm_mon = local.tm_mon + months_on;
  first.tm_mday = 1;
  first.tm_isdst = -1;
  return static_cast<std::int64_t>(std::mktime(&first)) * 1000;
}

}  // namespace

UniqueIds::UniqueIds(std::span<const std::uint8_t> address, std::uint32_t run) {
  char* out = prefix_.data();
  for (const std::uint8_t byte : address.last(4)) out = put_hex(out, byte, 2);
  out = put_hex(out, static_cast<std::uint64_t>(::getpid()), 4);
  put_hex(out, run, 8);
}

UniqueIds::Text UniqueIds::next(std::int64_t now_ms) {
  if (now_ms >= month_end_ms_.load(std::memory_order_relaxed)) {
    month_begin_ms_.store(month_begin(now_ms, 0), std::memory_order_relaxed);
    month_end_ms_.store(month_begin(now_ms, 1), std::memory_order_relaxed);
  }
  Text id;
  char* out = std::copy(prefix_.begin(), prefix_.end(), id.data());
  out = put_hex(out, static_cast<std::uint64_t>(now_ms - month_begin_ms_.load(std::memory_order_relaxed)), 8);
  put_hex(out, counter_.fetch_add(1, std::memory_order_relaxed), 4);
  return id;
}

}  // namespace tenon::kernel
