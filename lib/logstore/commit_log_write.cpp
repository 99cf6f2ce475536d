// SPDX-License-Identifier: Apache-2.0
// How bytes get into the commit log: copied, gathered, by system calls, from another log.
#include <algorithm>
#include <cstring>
#include <mutex>

#include "logstore/commit_log.hpp"

namespace tenon::logstore {

Status CommitLog::write(PhysicalOffset offset, std::span<const std::byte> bytes, Handing handing) {
  wait_for_zeroing(offset.value + static_cast<std::int64_t>(bytes.size()));
  if (handing == Handing::may_gather && buffer_.has_room_for(bytes.size())) {
    buffer_.add(bytes);
  } else if (Status written = write_behind_buffer(offset, bytes); !written) {
    return written;
  }
  next_ = offset.value + static_cast<std::int64_t>(bytes.size());
  return {};
}

Status CommitLog::begin_at(PhysicalOffset at) {
  const SegmentListPtr all = segments();
  for (const auto& segment : all->all()) {
    if (Status removed = file_system_.remove(segment->path()); !removed) return removed;
  }
  current_ = nullptr;
  next_ = at.value;
  set_segments({});
  written_.store(at.value, std::memory_order_release);
  max_.store(at.value, std::memory_order_release);
  flushed_.store(at.value, std::memory_order_release);
  return {};
}

Status CommitLog::write_raw(std::span<const std::byte> bytes) {
  while (!bytes.empty()) {
    if (current_ == nullptr || next_ == current_->end()) {
      if (Status rolled = roll(); !rolled) return rolled;
    }
    const auto room = static_cast<std::size_t>(current_->end() - next_);
    const auto part = bytes.first(std::min(room, bytes.size()));
    if (Status written = write({next_}, part); !written) return written;
    bytes = bytes.subspan(part.size());
  }
  return {};
}

Status CommitLog::write_behind_buffer(PhysicalOffset offset, std::span<const std::byte> bytes) {
  if (buffer_.empty()) return hand_over(offset, bytes);
  const auto gathered = buffer_.bytes();
  const PhysicalOffset at = offset - static_cast<std::int64_t>(gathered.size());
  Status written = current_->file().write_pair_at(at.value - current_->base(), gathered, bytes);
  if (written) buffer_.clear();
  return written;
}

Status CommitLog::hand_over(PhysicalOffset offset, std::span<const std::byte> bytes) const {
  if (options_.flush == FlushMode::async && bytes.size() < options_.copied_write_max) {
    std::memcpy(current_->at(offset), bytes.data(), bytes.size());
    return {};
  }
  return current_->file().write_at(offset.value - current_->base(), bytes);
}

PhysicalOffset CommitLog::readable_end(PhysicalOffset wanted) const {
  const PhysicalOffset published = max();
  if (wanted <= written() || published <= written()) return written();
  const std::lock_guard lock(append_lock_);
  (void)write_out();  // whoever gathered it meets the error, too, before he acknowledges anything
  return written();
}

Status CommitLog::write_out() const {
  if (buffer_.empty()) return {};
  const auto gathered = buffer_.bytes();
  const PhysicalOffset at{next_ - static_cast<std::int64_t>(gathered.size())};
  if (Status written = hand_over(at, gathered); !written) return written;
  buffer_.clear();
  written_.store(position(), std::memory_order_release);
  return {};
}

}  // namespace tenon::logstore
