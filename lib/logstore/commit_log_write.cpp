// SPDX-License-Identifier: Apache-2.0
// How bytes get into the commit log: copied, gathered, by system calls, from another log.
#include <algorithm>
#include <cstring>
#include <mutex>

#include "logstore/commit_log.hpp"

namespace tenon::logstore {
namespace {

/// Of another log, for the reason that kZeroedAtOnce gives (commit_log_ahead.cpp): what a slave receives goes to pages
/// that are made on the way.
constexpr std::int64_t kReceivedAtOnce = 32 * 1024;

}  // namespace

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
  set_segments({});  // first: behind files that are listed the next one would be made meanwhile
  discard_prepared();
  for (const auto& segment : all->all()) {
    if (Status removed = file_system_.remove(segment->path()); !removed) {
      set_segments(all->all());
      return removed;
    }
  }
  current_ = nullptr;
  next_ = at.value;
  set_segments({});
  set_end(at);
  flushed_.store(at.value, std::memory_order_release);
  return {};
}

Status CommitLog::keep_aside(PhysicalOffset end, const std::filesystem::path& aside) const {
  const SegmentListPtr pinned = segments();
  for (const auto& segment : pinned->all()) {
    if (segment->end() <= end.value) continue;
    if (Status linked = file_system_.link(segment->path(), aside / segment->path().filename()); !linked) return linked;
  }
  return file_system_.sync_directory(aside);
}

Status CommitLog::cut_back(PhysicalOffset end) {
  discard_prepared();
  next_ = end.value;
  set_end(end);  // before the files, so that a reader who finds the new ones does not look beyond
  flushed_.store(std::min(flushed().value, end.value), std::memory_order_release);
  auto all = segments()->all();
  Status done = drop_files_from(all, end);
  if (done && !all.empty() && all.back()->end() > end.value) done = shorten(all.back(), end);
  current_ = all.empty() ? nullptr : all.back().get();
  set_segments(std::move(all));
  return done ? file_system_.sync_directory(directory_) : done;
}

/// Newest first, so that no gap is left by whoever is stopped in between.
Status CommitLog::drop_files_from(std::vector<std::shared_ptr<Segment>>& all, PhysicalOffset end) {
  while (!all.empty() && all.back()->base() >= end.value) {
    if (Status removed = file_system_.remove(all.back()->path()); !removed) return removed;
    all.pop_back();
  }
  return {};
}

Status CommitLog::shorten(std::shared_ptr<Segment>& last, PhysicalOffset end) {
  const auto kept = last->bytes_from({last->base()}).first(static_cast<std::size_t>(end.value - last->base()));
  auto shorter = Segment::create(file_system_, directory_, last->base(), last->size(), kept);
  if (!shorter) return shorter.error();
  last = std::move(*shorter);
  return {};
}

void CommitLog::set_end(PhysicalOffset end) {
  max_.store(end.value, std::memory_order_release);
  written_.store(end.value, std::memory_order_release);
  raw_end_.store(-1, std::memory_order_relaxed);
  populated_ = written_back_ = end.value;
  wake_at_.store(end.value, std::memory_order_relaxed);
}

Result<std::size_t> CommitLog::write_raw(std::span<const std::byte> bytes) {
  if (current_ == nullptr || next_ == current_->end()) {
    if (Status rolled = roll(); !rolled) return rolled.error();
  }
  const std::int64_t begin = next_;
  const std::size_t size = std::min(static_cast<std::size_t>(current_->end() - begin), bytes.size());
  for (auto left = bytes.first(size); !left.empty();) {
    const auto piece = std::min(left.size(), static_cast<std::size_t>(kReceivedAtOnce - next_ % kReceivedAtOnce));
    if (Status written = write({next_}, left.first(piece)); !written) {
      next_ = begin;
      return written.error();
    }
    left = left.subspan(piece);
  }
  if (size >= options_.copied_write_max) raw_end_.store(next_, std::memory_order_relaxed);
  return size;
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
