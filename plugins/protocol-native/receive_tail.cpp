// SPDX-License-Identifier: Apache-2.0
#include "protocol-native/receive_tail.hpp"

#include <algorithm>
#include <cstring>

namespace tenon::protocol_native {

bool ReceiveTail::grow(std::size_t capacity) {
  if (!budget_.take(static_cast<std::int64_t>(capacity - capacity_))) return false;
  auto larger = std::make_unique_for_overwrite<std::byte[]>(capacity);
  if (size_ > 0) std::memcpy(larger.get(), memory_.get(), size_);
  memory_ = std::move(larger);
  capacity_ = capacity;
  return true;
}

bool ReceiveTail::assign(std::span<const std::byte> rest) {
  if (rest.size() > capacity_) {
    size_ = 0;  // `rest` is longer than this memory, so it does not lie in it
    if (!grow(std::max<std::size_t>(rest.size(), 512))) return false;
  }
  if (!rest.empty()) std::memmove(memory_.get(), rest.data(), rest.size());
  size_ = rest.size();
  return true;
}

std::span<std::byte> ReceiveTail::room(std::size_t least, std::size_t frame_bytes) {
  if (capacity_ - size_ < least) {
    const std::size_t wanted = std::max(size_ + least, std::min(2 * size_, frame_bytes));
    if (!grow(wanted)) return {};
  }
  return {memory_.get() + size_, capacity_ - size_};
}

void ReceiveTail::release() noexcept {
  if (capacity_ == 0) return;  // a connection that a late handler still holds outlives the budget
  budget_.give_back(static_cast<std::int64_t>(capacity_));
  memory_.reset();
  size_ = 0;
  capacity_ = 0;
}

}  // namespace tenon::protocol_native
