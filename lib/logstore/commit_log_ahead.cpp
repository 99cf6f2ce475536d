// SPDX-License-Identifier: Apache-2.0
// What the commit log does ahead of the appends and behind them, on the background threads.
#include <algorithm>
#include <array>
#include <mutex>

#include "logstore/commit_log.hpp"

namespace tenon::logstore {
namespace {

/// The kernel makes pages of this much in one piece, and has such pieces at hand: it is the largest that its allocator
/// does not call costly. 128 KiB at once cost a quarter less, but up to ten times as much on a virtual machine whose
/// free memory is with its host; a mebibyte costs twenty times as much anywhere.
constexpr std::int64_t kZeroedAtOnce = 32 * 1024;
/// With FlushMode::sync, where each piece is a request to the disk.
constexpr std::int64_t kZeroedAtOnceToDisk = 128 * 1024;
/// No zeros are written closer before the append than this, so that it meets them only if the writer sleeps.
constexpr std::int64_t kZeroingDistance = 1 << 20;

}  // namespace

Status CommitLog::prepare_next() {
  const SegmentListPtr all = segments();
  const std::int64_t size = options_.commit_log_file_size;
  // Early enough that a burst does not get there first, late enough that a quiet store does not take the space.
  const std::int64_t lead =
      size <= kSmallFile ? size : std::min<std::int64_t>(size / 2, std::max<std::int64_t>(size / 8, 128LL << 20));
  if (all->empty() || all->all().back()->end() - position() > lead) return {};
  const std::lock_guard lock(prepared_mutex_);
  // Looked at again under the lock that a roll takes, too: no file is made by both.
  const SegmentListPtr now = segments();
  if (now->empty()) return {};
  const std::int64_t base = now->all().back()->end();
  if (prepared_ && prepared_->base() == base) return {};
  auto made = make_segment(base);
  if (!made) return made.error();
  prepared_ = std::move(*made);
  return {};
}

void CommitLog::discard_prepared() {
  const std::lock_guard lock(prepared_mutex_);
  if (!prepared_) return;
  (void)file_system_.remove(prepared_->path());
  prepared_.reset();
}

std::shared_ptr<Segment> CommitLog::prepared() const {
  const std::lock_guard lock(prepared_mutex_);
  return prepared_;
}

void CommitLog::zero_ahead(const Segment& segment, std::int64_t from, std::int64_t to) {
  static constexpr std::array<std::byte, kZeroedAtOnceToDisk> kZeros{};
  const std::int64_t piece = options_.flush == FlushMode::sync ? kZeroedAtOnceToDisk : kZeroedAtOnce;
  from = std::max(from + (piece - from % piece) % piece, segment.base());
  for (; from < to; from += piece) {
    const std::int64_t length = std::min(piece, segment.end() - from);
    if (!claim_zeroing(from, from + length)) continue;
    // Best effort: what fails here is met again by the append.
    (void)segment.file().write_at(from - segment.base(), std::span(kZeros).first(static_cast<std::size_t>(length)));
    zeroing_from_.store(INT64_MAX, std::memory_order_release);
    zeroing_from_.notify_one();  // a single append can wait: it holds the lock
    // So that the flush that a send waits for does not find them.
    if (options_.flush == FlushMode::sync) segment.file().start_writeback(from - segment.base(), length);
  }
}

/// False when the append is too near: then it makes its pages itself.
bool CommitLog::claim_zeroing(std::int64_t from, std::int64_t to) {
  const std::lock_guard lock(append_lock_);
  if (from < next_ + kZeroingDistance || from >= to) return false;
  zeroing_from_.store(from, std::memory_order_relaxed);
  return true;
}

void CommitLog::populate() {
  std::int64_t wake_at = wake_at_.load(std::memory_order_relaxed);
  const std::int64_t end = position();
  const std::int64_t ahead = options_.populate_ahead;
  const SegmentListPtr all = segments();
  Segment* segment = all->find({end});
  if (segment != nullptr && ahead > 0 && end > raw_end_.load(std::memory_order_relaxed)) {
    const std::int64_t from = std::max({populated_, end + kZeroingDistance, segment->base()});
    const std::int64_t to = std::min(end + ahead, segment->end());
    zero_ahead(*segment, from, to);
    populated_ = std::max(populated_, to);
    if (to == segment->end()) {
      const auto following = prepared();  // not under its lock: a roll would wait for all these pages
      if (following) zero_ahead(*following, populated_, std::min(end + ahead, following->end()));
      if (following) populated_ = std::max(populated_, std::min(end + ahead, following->end()));
    }
  }
  // Long before the window is used up: this thread may have to wait for its turn. Sooner where a roll meanwhile says
  // so.
  wake_at_.compare_exchange_strong(wake_at, end + std::max<std::int64_t>(ahead / 8, 1 << 20),
                                   std::memory_order_relaxed);
}

void CommitLog::start_writeback() {
  const std::int64_t end = written().value;
  const SegmentListPtr all = segments();
  Segment* segment = all->find({end});
  if (segment == nullptr) return;
  const std::int64_t begin = std::max(written_back_, segment->base());
  const std::int64_t whole = end - end % 4096;
  if (whole <= begin) return;
  segment->file().start_writeback(begin - segment->base(), whole - begin);
  written_back_ = whole;
}

}  // namespace tenon::logstore
