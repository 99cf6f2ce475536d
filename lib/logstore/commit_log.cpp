// SPDX-License-Identifier: Apache-2.0
#include "logstore/commit_log.hpp"

#include <algorithm>
#include <vector>

#include "logstore/checkpoint.hpp"
#include "record/layout.hpp"
#include "record/record_encoder.hpp"

namespace tenon::logstore {
namespace {

bool is_set(std::byte byte) noexcept { return byte != std::byte{0}; }

}  // namespace

CommitLog::CommitLog(const StoreOptions& options, FileSystem& file_system, AppendLock& append_lock)
    : options_(options),
      file_system_(file_system),
      directory_(StoreLayout(options).commit_log),
      segments_(std::make_shared<const SegmentList>()),
      append_lock_(append_lock) {}

SegmentListPtr CommitLog::segments() const {
  const std::lock_guard lock(segments_mutex_);
  return segments_;
}

std::int64_t CommitLog::tail_crc_below(PhysicalOffset end) const {
  const SegmentListPtr all = segments();
  const Segment* const segment = end.value > 0 ? all->find(end - 1) : nullptr;
  if (segment == nullptr) return -1;
  return log_tail_crc({segment->at({segment->base()}), static_cast<std::size_t>(end.value - segment->base())});
}

void CommitLog::set_segments(std::vector<std::shared_ptr<Segment>> segments) {
  const std::int64_t first = segments.empty() ? next_ : segments.front()->base();
  auto list = std::make_shared<const SegmentList>(std::move(segments));
  const std::lock_guard lock(segments_mutex_);
  segments_ = std::move(list);
  min_.store(first, std::memory_order_release);
}

void CommitLog::add_segment(std::shared_ptr<Segment> segment) {
  current_ = segment.get();
  const std::lock_guard lock(segments_mutex_);
  auto all = segments_->all();
  all.push_back(std::move(segment));
  if (all.size() == 1) min_.store(all.front()->base(), std::memory_order_release);
  segments_ = std::make_shared<const SegmentList>(std::move(all));
}

/// RocketMQ may be stopped after it has made a file and before that has its length. Nothing was ever written to such a
/// file, so it is recognised by having nothing but zeros.
bool CommitLog::is_unfinished(const DirectoryEntry& last) const {
  if (!parse_offset_file_name(last.name) || last.size >= options_.commit_log_file_size) return false;
  if (last.size == 0) return true;
  const auto file = file_system_.open(directory_ / last.name, FileSystem::OpenMode::existing);
  if (!file) return false;
  std::vector<std::byte> block(64 << 10);
  for (std::int64_t at = 0; at < last.size;) {
    const auto got = (*file)->read_at(at, block);
    if (!got || *got == 0 || std::any_of(block.begin(), block.begin() + static_cast<std::ptrdiff_t>(*got), is_set))
      return false;
    at += static_cast<std::int64_t>(*got);
  }
  return true;
}

Status CommitLog::load() {
  if (Status made = file_system_.create_directories(directory_); !made) return made;
  auto entries = file_system_.list(directory_);
  if (!entries) return entries.error();
  // "lost+found" of a mount point, say.
  std::erase_if(*entries, [](const DirectoryEntry& entry) { return entry.is_directory; });
  std::filesystem::path unfinished;
  if (!entries->empty() && is_unfinished(entries->back())) {
    unfinished = directory_ / entries->back().name;
    entries->pop_back();
  }
  std::vector<std::shared_ptr<Segment>> all;
  for (const DirectoryEntry& entry : *entries) {
    const auto base = parse_offset_file_name(entry.name);
    const std::string path = (directory_ / entry.name).string();
    if (!base) return Error(Errc::corrupt, text(path, ": not a commit-log file"));
    if (entry.size != options_.commit_log_file_size) {
      return Error(Errc::corrupt, text(path, ": has ", entry.size, " bytes, but commit_log_file_size is ",
                                       options_.commit_log_file_size));
    }
    if (!all.empty() && *base != all.back()->end()) {
      return Error(Errc::corrupt, text(path, ": expected a file that starts at ", all.back()->end()));
    }
    auto segment = Segment::open(file_system_, directory_, *base, entry.size);
    if (!segment) return segment.error();
    all.push_back(std::move(*segment));
  }
  // Not before: where the size that is asked for is wrong, a whole file looks so.
  if (!unfinished.empty()) {
    if (Status removed = file_system_.remove(unfinished); !removed) return removed;
  }
  set_segments(std::move(all));
  return {};
}

Status CommitLog::truncate(PhysicalOffset end, bool zero_tail) {
  auto all = segments()->all();
  while (!all.empty() && all.back()->base() >= end.value && all.size() > 1) {
    if (Status removed = file_system_.remove(all.back()->path()); !removed) return removed;
    all.pop_back();
  }
  next_ = end.value;
  current_ = all.empty() ? nullptr : all.back().get();
  if (current_ != nullptr && zero_tail && end.value < current_->end()) {
    if (Status zeroed = current_->file().zero(end.value - current_->base(), current_->end() - end.value); !zeroed)
      return zeroed;
  }
  if (current_ != nullptr && end.value < current_->end()) {
    // RocketMQ's files are sparse: a write to a hole of the mapping on a full disk would kill the process.
    if (Status allocated = current_->file().allocate(end.value - current_->base(), current_->end() - end.value);
        !allocated)
      return allocated;
  }
  set_segments(std::move(all));
  set_end(end);
  flushed_.store(end.value, std::memory_order_release);
  return {};
}

Result<std::shared_ptr<Segment>> CommitLog::make_segment(std::int64_t base) {
  auto made = Segment::create(file_system_, directory_, base, options_.commit_log_file_size);
  if (!made) return made;
  if (Status synced = file_system_.sync_directory(directory_); !synced) return synced.error();
  return made;
}

Result<std::shared_ptr<Segment>> CommitLog::take_prepared(std::int64_t base) {
  if (prepared_ && prepared_->base() == base) return std::move(prepared_);
  auto made = make_segment(base);
  if (!made) return Error(Errc::service_not_available, text("no new commit-log file: ", made.error().message()));
  return made;
}

Status CommitLog::roll() {
  if (Status out = write_out(); !out) return out;  // while the file they belong to is the current one
  const std::int64_t size = options_.commit_log_file_size;
  // Held until the segment is in the list, or prepare_next() would make the same file once more.
  const std::lock_guard lock(prepared_mutex_);
  auto following = take_prepared(current_ != nullptr ? current_->end() : next_ - next_ % size);
  if (!following) return following.error();
  if (current_ != nullptr && next_ < current_->end()) {
    std::byte blank[record::kBlankSize];
    record::encode_blank(blank, static_cast<std::int32_t>(current_->end() - next_));
    if (Status written = write({next_}, blank); !written) {
      prepared_ = std::move(*following);
      return written;
    }
  }
  if (current_ != nullptr) next_ = current_->end();
  add_segment(std::move(*following));
  if (size <= kSmallFile) wake_at_.store(next_, std::memory_order_relaxed);
  return {};
}

Status CommitLog::make_ready() {
  appended_from_ = max();
  const std::int64_t least = static_cast<std::int64_t>(record::kMinRecordSize + record::kBlankSize);
  return current_ != nullptr && next_ + least <= current_->end() ? Status{} : roll();
}

Result<PhysicalOffset> CommitLog::place(std::int64_t size) {
  const auto blank = static_cast<std::int64_t>(record::kBlankSize);
  if (current_ == nullptr || next_ + size + blank > current_->end()) [[unlikely]] {
    if (size + blank > options_.commit_log_file_size) {
      return Error(Errc::message_illegal, text("a record of ", size, " bytes does not fit a commit-log file of ",
                                               options_.commit_log_file_size));
    }
    if (Status rolled = roll(); !rolled) return rolled.error();
  }
  return PhysicalOffset{next_};
}

Status CommitLog::flush() {
  const std::int64_t end = written().value, begin = flushed().value;
  if (begin >= end) return {};
  const SegmentListPtr pinned = segments();
  for (const auto& segment : pinned->all()) {
    if (segment->end() <= begin || segment->base() >= end) continue;
    if (Status synced = segment->file().sync(); !synced) return synced;
  }
  flushed_.store(end, std::memory_order_release);
  return {};
}

Status CommitLog::delete_first() {
  std::shared_ptr<Segment> first;
  {
    const std::lock_guard lock(segments_mutex_);
    if (segments_->all().size() < 2) return {};
    first = segments_->all().front();
  }
  if (Status removed = file_system_.remove(first->path()); !removed) return removed;
  const std::lock_guard lock(segments_mutex_);
  auto all = segments_->all();
  all.erase(all.begin());
  min_.store(all.front()->base(), std::memory_order_release);
  segments_ = std::make_shared<const SegmentList>(std::move(all));
  return {};
}

}  // namespace tenon::logstore
