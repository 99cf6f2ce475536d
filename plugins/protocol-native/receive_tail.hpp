// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>

namespace tenon::protocol_native {

/// Bytes that all connections together hold of frames whose end has not come yet; bounded, so that many peers with half
/// a frame each cannot fill the memory. Threads: any.
class PartialFrameBudget {
 public:
  explicit PartialFrameBudget(std::int64_t bytes_max) : bytes_max_(bytes_max) {}
  bool take(std::int64_t bytes) noexcept {
    if (used_.fetch_add(bytes, std::memory_order_relaxed) + bytes <= bytes_max_) return true;
    give_back(bytes);
    return false;
  }
  void give_back(std::int64_t bytes) noexcept { used_.fetch_sub(bytes, std::memory_order_relaxed); }
  std::int64_t used() const noexcept { return used_.load(std::memory_order_relaxed); }

 private:
  std::int64_t bytes_max_;
  std::atomic<std::int64_t> used_{0};
};

/// The unparsed end of what a connection has received. It grows with the bytes that have come, not with what a length
/// field announces. Ownership: its memory, and its share of the budget. Threads: the connection's own.
class ReceiveTail {
 public:
  explicit ReceiveTail(PartialFrameBudget& budget) : budget_(budget) {}
  ReceiveTail(const ReceiveTail&) = delete;
  ReceiveTail& operator=(const ReceiveTail&) = delete;
  ~ReceiveTail() { release(); }

  std::span<const std::byte> bytes() const noexcept { return {memory_.get(), size_}; }
  std::size_t size() const noexcept { return size_; }
  bool empty() const noexcept { return size_ == 0; }

  /// Replaces the content; `rest` may lie inside it. False when the budget is used up.
  bool assign(std::span<const std::byte> rest);
  /// Room to receive into behind the content, for a frame of `frame_bytes` in all: at least `least` bytes, doubling as
  /// the content grows. Empty when the budget is used up.
  std::span<std::byte> room(std::size_t least, std::size_t frame_bytes);
  void advance(std::size_t count) noexcept { size_ += count; }
  void clear() noexcept { size_ = 0; }
  /// Gives the memory back. The content is lost.
  void release() noexcept;

 private:
  bool grow(std::size_t capacity);

  PartialFrameBudget& budget_;
  std::unique_ptr<std::byte[]> memory_;
  std::size_t size_ = 0;
  std::size_t capacity_ = 0;
};

}  // namespace tenon::protocol_native
