// SPDX-License-Identifier: Apache-2.0
#include "protocol-native/output.hpp"

#include <sys/sendfile.h>
#include <sys/socket.h>
#include <sys/uio.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <variant>

namespace tenon::protocol_native {
namespace {

/// Below these it is cheaper to copy and send once.
constexpr std::size_t kMemoryCopyMax = 16 * 1024;
constexpr std::int64_t kFileCopyMax = 8 * 1024;
constexpr int kGatherMax = 64;
constexpr std::size_t kCompactMin = 64 * 1024;

bool socket_is_full() { return errno == EAGAIN || errno == EWOULDBLOCK || errno == EINTR; }

}  // namespace

std::int64_t length_of(const Slice& slice) {
  if (const auto* memory = std::get_if<MemorySlice>(&slice)) return static_cast<std::int64_t>(memory->bytes.size());
  return std::get<FileSlice>(slice).length;
}

void Output::append_records(ReadResult&& read) {
  for (const Slice& slice : read.records) append_slice(slice, read.pin);
}

void Output::append_slice(const Slice& slice, const std::shared_ptr<const void>& pin) {
  if (const auto* memory = std::get_if<MemorySlice>(&slice)) {
    if (memory->bytes.size() <= kMemoryCopyMax) return bytes_.append(memory->bytes);
  } else if (const auto& file = std::get<FileSlice>(slice); file.length <= kFileCopyMax && copy_from_file(file)) {
    return;
  }
  lent_ += length_of(slice);
  slices_.push_back({bytes_.size(), slice, pin});
}

bool Output::copy_from_file(const FileSlice& slice) {
  const auto length = static_cast<std::size_t>(slice.length);
  const ssize_t count = ::pread(slice.descriptor, bytes_.room(length), length, slice.offset);
  if (count != slice.length) return false;  // sendfile will meet the error and end the connection
  bytes_.advance(length);
  return true;
}

Output::Sent Output::send_to(int socket) {
  const Sent sent = slices_.empty() ? send_plain(socket) : send_woven(socket);
  if (sent == Sent::would_block) drop_sent_prefix();
  return sent;
}

// A client that reads, but never everything, must not make the sent part grow for ever.
void Output::drop_sent_prefix() {
  const auto sent = static_cast<std::size_t>(sent_bytes_);
  if (sent < kCompactMin || sent < bytes_.size() / 2) return;
  slices_.erase(slices_.begin(), slices_.begin() + static_cast<std::ptrdiff_t>(next_slice_));
  next_slice_ = 0;
  for (Lent& lent : slices_) lent.position -= sent;
  const std::size_t rest = bytes_.size() - sent;
  std::memmove(bytes_.data(), bytes_.data() + sent, rest);
  bytes_.truncate(rest);
  sent_bytes_ = 0;
}

Output::Sent Output::send_plain(int socket) {
  const auto size = static_cast<std::int64_t>(bytes_.size());
  const ssize_t count = ::send(socket, bytes_.data() + sent_bytes_, static_cast<std::size_t>(size - sent_bytes_),
                               MSG_NOSIGNAL | MSG_DONTWAIT);
  if (count < 0) return socket_is_full() ? Sent::would_block : Sent::failed;
  sent_bytes_ += count;
  return sent_bytes_ == size ? Sent::all : Sent::would_block;
}

Output::Sent Output::send_woven(int socket) {
  while (unsent() > 0) {
    const bool at_slice =
        next_slice_ < slices_.size() && slices_[next_slice_].position == static_cast<std::size_t>(sent_bytes_);
    auto* file = at_slice ? std::get_if<FileSlice>(&slices_[next_slice_].slice) : nullptr;
    const std::int64_t count = file != nullptr ? send_file(socket, *file) : send_gathered(socket);
    if (count < 0) return socket_is_full() ? Sent::would_block : Sent::failed;
    if (count == 0) return Sent::failed;  // a file that ends before its slice does
    advance(count);
  }
  return Sent::all;
}

std::int64_t Output::send_gathered(int socket) {
  iovec parts[kGatherMax];
  int used = 0;
  auto position = static_cast<std::size_t>(sent_bytes_);
  std::size_t slice = next_slice_;
  bool file_follows = false;
  while (used < kGatherMax) {
    const std::size_t end = slice < slices_.size() ? slices_[slice].position : bytes_.size();
    if (end > position) {
      parts[used++] = {bytes_.data() + position, end - position};
      position = end;
    } else if (slice == slices_.size()) {
      break;
    } else if (const auto* memory = std::get_if<MemorySlice>(&slices_[slice].slice)) {
      parts[used++] = {const_cast<std::byte*>(memory->bytes.data()), memory->bytes.size()};
      ++slice;
    } else {
      file_follows = true;
      break;
    }
  }
  msghdr message{};
  message.msg_iov = parts;
  message.msg_iovlen = static_cast<std::size_t>(used);
  return ::sendmsg(socket, &message, MSG_NOSIGNAL | MSG_DONTWAIT | (file_follows ? MSG_MORE : 0));
}

std::int64_t Output::send_file(int socket, FileSlice& file) {
  off_t offset = file.offset;
  return ::sendfile(socket, file.descriptor, &offset, static_cast<std::size_t>(file.length));
}

void Output::advance(std::int64_t count) {
  while (count > 0) {
    const bool more_slices = next_slice_ < slices_.size();
    const auto end = static_cast<std::int64_t>(more_slices ? slices_[next_slice_].position : bytes_.size());
    const std::int64_t plain = std::min(count, end - sent_bytes_);
    sent_bytes_ += plain;
    count -= plain;
    if (count == 0 || !more_slices) return;
    Slice& slice = slices_[next_slice_].slice;
    const std::int64_t taken = std::min(count, length_of(slice));
    if (auto* memory = std::get_if<MemorySlice>(&slice)) {
      memory->bytes = memory->bytes.subspan(static_cast<std::size_t>(taken));
    } else {
      std::get<FileSlice>(slice).offset += taken;
      std::get<FileSlice>(slice).length -= taken;
    }
    lent_ -= taken;
    count -= taken;
    if (length_of(slice) == 0) ++next_slice_;
  }
}

void Output::reset(std::size_t keep_bytes) noexcept {
  bytes_.clear();
  bytes_.shrink_above(keep_bytes);
  sent_bytes_ = 0;
  lent_ = 0;
  slices_.clear();
  next_slice_ = 0;
}

}  // namespace tenon::protocol_native
