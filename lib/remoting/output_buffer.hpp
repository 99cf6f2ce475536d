// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <span>
#include <string_view>

#include "remoting/big_endian.hpp"

namespace tenon::remoting {

/// A growing run of bytes to be sent. Unlike std::vector it hands out room without filling it with zeros.
///
/// Ownership: owns its memory; pointers and spans end with the next call that may grow. Threads: one at a time.
/// Errors: throws std::bad_alloc.
class OutputBuffer {
 public:
  OutputBuffer() = default;
  explicit OutputBuffer(std::size_t capacity) { reserve(capacity); }
  OutputBuffer(OutputBuffer&& other) noexcept { swap(other); }
  OutputBuffer& operator=(OutputBuffer&& other) noexcept;
  OutputBuffer(const OutputBuffer&) = delete;
  OutputBuffer& operator=(const OutputBuffer&) = delete;
  ~OutputBuffer();

  const std::byte* data() const noexcept { return data_; }
  std::byte* data() noexcept { return data_; }
  std::size_t size() const noexcept { return size_; }
  std::size_t capacity() const noexcept { return capacity_; }
  bool empty() const noexcept { return size_ == 0; }
  std::span<const std::byte> bytes() const noexcept { return {data_, size_}; }
  std::string_view text() const noexcept { return {reinterpret_cast<const char*>(data_), size_}; }

  /// Keeps the memory.
  void clear() noexcept { size_ = 0; }
  /// Cuts to `size`, which is at most size().
  void truncate(std::size_t size) noexcept { size_ = size; }
  void reserve(std::size_t capacity) {
    if (capacity > capacity_) grow(capacity);
  }
  /// Gives memory back if more than `capacity` is held; content must be empty.
  void shrink_above(std::size_t capacity) noexcept;
  void swap(OutputBuffer& other) noexcept;

  /// Room for `count` bytes at the end, uninitialised; call advance() with what was written.
  char* room(std::size_t count) {
    reserve_more(count);
    return reinterpret_cast<char*>(data_ + size_);
  }
  void advance(std::size_t count) noexcept { size_ += count; }

  void append(std::span<const std::byte> bytes) { append_raw(bytes.data(), bytes.size()); }
  void append(std::string_view text) { append_raw(text.data(), text.size()); }
  void append(char character) {
    *room(1) = character;
    ++size_;
  }
  void append_be16(std::uint16_t number) { append_big_endian(number); }
  void append_be32(std::uint32_t number) { append_big_endian(number); }
  void append_be64(std::uint64_t number) { append_big_endian(number); }
  /// Overwrites four bytes that are already there.
  void patch_be32(std::size_t position, std::uint32_t number) noexcept { store_be(data_ + position, number); }

 private:
  void reserve_more(std::size_t count) {
    if (count > capacity_ - size_) grow(size_ + count);
  }
  void append_raw(const void* bytes, std::size_t count) {
    if (count == 0) return;
    std::memcpy(room(count), bytes, count);
    size_ += count;
  }
  template <class Number>
  void append_big_endian(Number number) {
    store_be(room(sizeof number), number);
    size_ += sizeof number;
  }
  void grow(std::size_t least);

  std::byte* data_ = nullptr;
  std::size_t size_ = 0;
  std::size_t capacity_ = 0;
};

}  // namespace tenon::remoting
