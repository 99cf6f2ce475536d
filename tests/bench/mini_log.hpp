// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <fcntl.h>
#include <sys/mman.h>

#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <string_view>

namespace tenon::bench {

inline constexpr std::uint64_t kWrappingBytes = 256ULL << 20;    ///< Of a log that is written over again and again.
inline constexpr std::size_t kQueues = 16, kEntries = 1U << 17;  ///< Of each queue; they wrap.

struct Entry {  ///< Of a consume queue, 20 bytes in RocketMQ's file.
  std::uint64_t physical;
  std::uint32_t size;
  std::int32_t tags_hash;
};

/// Java's hash of the tag in a record's properties.
inline std::int32_t hash_of_tag(std::string_view properties) {
  const std::size_t at = properties.find(std::string_view("TAGS\x01", 5));
  std::uint32_t hash = 0;
  for (std::size_t i = at == std::string_view::npos ? properties.size() : at + 5;
       i < properties.size() && properties[i] != 2; ++i) {
    hash = hash * 31 + static_cast<unsigned char>(properties[i]);
  }
  return static_cast<std::int32_t>(hash);
}

inline int open_log(const char* file) {
  const int descriptor = open(file, O_RDWR | O_CREAT, 0600);
  if (descriptor < 0) std::perror(file), std::exit(1);
  return descriptor;
}

/// `file` of -1: memory of nobody else.
inline char* map_log(int file, std::uint64_t bytes) {
  const int sharing = (file < 0 ? MAP_PRIVATE | MAP_ANONYMOUS : MAP_SHARED) | MAP_NORESERVE;
  void* const mapped = mmap(nullptr, bytes, PROT_READ | PROT_WRITE, sharing, file, 0);
  if (mapped == MAP_FAILED) std::perror("mmap"), std::exit(1);
  return static_cast<char*>(mapped);
}

}  // namespace tenon::bench
