// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstring>
#include <memory>
#include <span>

namespace tenon::logstore {

/// Appended bytes that were not handed to the operating system yet: the end of the log, contiguous.
/// Allocated with the first byte, so that a log written through a mapping pays nothing. Threads: the append lock.
class AppendBuffer {
 public:
  /// Fits the second-level cache together with what it is copied from.
  static constexpr std::size_t kCapacity = 128 * 1024;

  bool empty() const noexcept { return size_ == 0; }
  bool has_room_for(std::size_t size) const noexcept { return size <= kCapacity - size_; }
  void add(std::span<const std::byte> bytes) {
    if (!data_) data_ = std::make_unique_for_overwrite<std::byte[]>(kCapacity);
    std::memcpy(data_.get() + size_, bytes.data(), bytes.size());
    size_ += bytes.size();
  }
  std::span<const std::byte> bytes() const noexcept { return {data_.get(), size_}; }
  void clear() noexcept { size_ = 0; }

 private:
  std::unique_ptr<std::byte[]> data_;
  std::size_t size_ = 0;
};

}  // namespace tenon::logstore
