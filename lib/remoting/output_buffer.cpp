// SPDX-License-Identifier: Apache-2.0
#include "remoting/output_buffer.hpp"

#include <algorithm>
#include <cstdlib>
#include <new>
#include <utility>

namespace tenon::remoting {
namespace {

constexpr std::size_t kFirstCapacity = 512;

}  // namespace

OutputBuffer& OutputBuffer::operator=(OutputBuffer&& other) noexcept {
  OutputBuffer taken(std::move(other));
  swap(taken);
  return *this;
}

OutputBuffer::~OutputBuffer() { std::free(data_); }

void OutputBuffer::swap(OutputBuffer& other) noexcept {
  std::swap(data_, other.data_);
  std::swap(size_, other.size_);
  std::swap(capacity_, other.capacity_);
}

void OutputBuffer::shrink_above(std::size_t capacity) noexcept {
  if (capacity_ <= capacity || size_ != 0) return;
  OutputBuffer().swap(*this);
}

void OutputBuffer::grow(std::size_t least) {
  const std::size_t capacity = std::max({least, capacity_ + capacity_ / 2, kFirstCapacity});
  void* moved = std::realloc(data_, capacity);
  if (moved == nullptr) throw std::bad_alloc();
  data_ = static_cast<std::byte*>(moved);
  capacity_ = capacity;
}

}  // namespace tenon::remoting
