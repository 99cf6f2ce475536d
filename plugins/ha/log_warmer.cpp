// SPDX-License-Identifier: Apache-2.0
#include "ha/log_warmer.hpp"

#include <cstddef>
#include <variant>

namespace tenon::ha {
namespace {

constexpr std::size_t kPageBytes = 4096;

void touch(std::span<const std::byte> bytes) {
  const auto read = [&bytes](std::size_t at) { (void)*static_cast<const volatile std::byte*>(bytes.data() + at); };
  for (std::size_t at = 0; at < bytes.size(); at += kPageBytes) read(at);
  // They need not begin where a page does.
  if (!bytes.empty()) read(bytes.size() - 1);
}

}  // namespace

PhysicalOffset bring_into_memory(const LogTap& log, PhysicalOffset begin, std::int64_t bytes) {
  const PhysicalOffset end = begin + bytes;
  while (begin < end) {
    const auto stretch = log.read_log(begin, end - begin, ReadForm::in_memory);
    // Whoever sends reads it again, and says then what is wrong with it.
    if (!stretch) return end;
    if (stretch->length == 0) break;
    touch(std::get<MemorySlice>(stretch->bytes).bytes);
    begin += stretch->length;
  }
  return begin;
}

}  // namespace tenon::ha
