// SPDX-License-Identifier: Apache-2.0
#include "timer_log.hpp"

#include <algorithm>
#include <charconv>
#include <cstdio>

namespace tenon::delay {
namespace {

constexpr std::int64_t kBlankSize = 16;
constexpr std::int32_t kBlankMagic = -875286124;  // 0xCBD43194
constexpr std::size_t kNameDigits = 20;
/// What remove_before() reads in one go, and how often: deliveries wait meanwhile.
constexpr std::int64_t kBlockSize = 1'260 * TimerUnit::kSize;
constexpr int kBlocksMax = 64;

}  // namespace

std::filesystem::path TimerLog::path_of(std::int64_t file_begin) const {
  char name[kNameDigits + 2];
  std::snprintf(name, sizeof name, "%020lld", static_cast<long long>(file_begin));
  return directory_ / name;
}

// Behind the unit there must be room for the blank that ends the file.
bool TimerLog::has_room(std::int64_t position) const noexcept {
  return TimerUnit::kSize + kBlankSize <= file_size_ - position % file_size_;
}

Status TimerLog::find_files() {
  std::error_code error;
  for (const auto& entry : std::filesystem::directory_iterator(directory_, error)) {
    const std::string name = entry.path().filename().string();
    std::int64_t begin = 0;
    const auto [end, bad] = std::from_chars(name.data(), name.data() + name.size(), begin);
    if (bad != std::errc{} || end != name.data() + name.size() || name.size() != kNameDigits) continue;
    // An empty one was being made when the process died.
    const auto length = static_cast<std::int64_t>(entry.file_size(error));
    if (begin % file_size_ != 0 || (length != file_size_ && length != 0)) {
      return Error(Errc::corrupt, text(entry.path().native(), " is no timer log file of ", file_size_,
                                       " bytes; was the store made with another timer_log_file_size?"));
    }
    auto file = PositionedFile::open(entry.path(), file_size_);
    if (!file) return file.error();
    files_[begin] = std::move(*file);
  }
  return {};
}

Status TimerLog::open(std::int64_t from, const Visit& visit) {
  if (Status found = find_files(); !found) return found;
  end_ = files_.empty() ? 0 : files_.begin()->first;
  std::vector<std::byte> content(static_cast<std::size_t>(std::min<std::int64_t>(file_size_, 1 << 20)));
  for (auto at = files_.begin(); at != files_.end(); ++at) {
    const auto& [begin, file] = *at;
    if (begin != end_ && begin != files_.begin()->first) break;  // A file is missing: nothing behind it is reached.
    const auto next = std::next(at);
    if (begin + file_size_ <= from && next != files_.end()) {
      end_ = begin + file_size_;
      continue;
    }
    std::int64_t position = begin;
    bool ended = false;
    while (!ended && has_room(position) && position < begin + file_size_) {
      const std::int64_t whole = (begin + file_size_ - position) / TimerUnit::kSize * TimerUnit::kSize;
      const std::int64_t size = std::min<std::int64_t>(
          whole, static_cast<std::int64_t>(content.size()) / TimerUnit::kSize * TimerUnit::kSize);
      const std::span<std::byte> block(content.data(), static_cast<std::size_t>(size));
      if (Status read = file->read(position - begin, block); !read) return read;
      for (std::int64_t offset = 0; offset < size && !ended && has_room(position); offset += TimerUnit::kSize) {
        const auto unit = TimerUnit::decode(block.data() + offset);
        ended = !unit || !visit(position, *unit);
        if (!ended) position += TimerUnit::kSize;
      }
    }
    end_ = position;
    if (ended) break;
    end_ = begin + file_size_;
  }
  pending_end_ = end_;
  return cut_at_end();
}

// What lies behind the end must never be taken for units of the log again.
Status TimerLog::cut_at_end() {
  std::error_code error;
  for (auto at = files_.upper_bound(end_); at != files_.end(); at = files_.erase(at)) {
    if (!std::filesystem::remove(path_of(at->first), error)) {
      return Error(Errc::io, text("remove ", path_of(at->first).native(), ": ", error.message()));
    }
  }
  const auto last = files_.find(end_ / file_size_ * file_size_);
  std::byte head[TimerUnit::kSize];
  if (last == files_.end() || !has_room(end_)) return {};
  if (Status read = last->second->read(end_ % file_size_, head); !read) return read;
  if (std::ranges::all_of(head, [](std::byte byte) { return byte == std::byte{}; })) return {};
  const std::vector<std::byte> zeros(static_cast<std::size_t>(file_size_ - end_ % file_size_));
  if (Status written = last->second->write(end_ % file_size_, zeros); !written) return written;
  return last->second->sync();
}

std::int64_t TimerLog::next_position() const noexcept {
  return has_room(pending_end_) ? pending_end_ : (pending_end_ / file_size_ + 1) * file_size_;
}

std::int64_t TimerLog::append(const TimerUnit& unit) {
  if (!has_room(pending_end_)) {
    const std::int64_t left = file_size_ - pending_end_ % file_size_;
    std::vector<std::byte> blank(kBlankSize);
    store_big(blank.data(), static_cast<std::int32_t>(left));
    store_big<std::int64_t>(blank.data() + 4, 0);
    store_big(blank.data() + 12, kBlankMagic);
    pending_.push_back({pending_end_, std::move(blank)});
    pending_end_ += left;
  }
  const std::int64_t position = pending_end_;
  const bool adjacent = !pending_.empty() && position % file_size_ != 0 &&
                        pending_.back().position + static_cast<std::int64_t>(pending_.back().bytes.size()) == position;
  if (!adjacent) pending_.push_back({position, {}});
  auto& bytes = pending_.back().bytes;
  bytes.resize(bytes.size() + TimerUnit::kSize);
  unit.encode(bytes.data() + bytes.size() - TimerUnit::kSize);
  pending_end_ += TimerUnit::kSize;
  return position;
}

Result<std::shared_ptr<PositionedFile>> TimerLog::file_at(std::int64_t position) {
  const std::int64_t begin = position / file_size_ * file_size_;
  if (const auto known = files_.find(begin); known != files_.end()) return known->second;
  const std::filesystem::path path = path_of(begin);
  auto file = PositionedFile::open(path, file_size_);
  if (file) files_[begin] = *file;
  return file;
}

Status TimerLog::commit() {
  for (const Pending& run : pending_) {
    const auto file = file_at(run.position);
    if (!file) return file.error();
    if (Status written = (*file)->write(run.position % file_size_, run.bytes); !written) return written;
    dirty_[run.position / file_size_] = *file;
  }
  pending_.clear();
  end_ = pending_end_;
  return {};
}

Result<TimerUnit> TimerLog::read(std::int64_t position) const {
  const auto file = files_.find(position < 0 ? -1 : position / file_size_ * file_size_);
  if (file == files_.end() || position >= end_) {
    return Error(Errc::corrupt, text("no file of the timer log holds position ", position));
  }
  std::byte bytes[TimerUnit::kSize];
  if (Status read = file->second->read(position % file_size_, bytes); !read) return read.error();
  if (const auto unit = TimerUnit::decode(bytes)) return *unit;
  return Error(Errc::corrupt, text("no unit lies at position ", position, " of the timer log"));
}

std::vector<std::shared_ptr<PositionedFile>> TimerLog::take_dirty() {
  std::vector<std::shared_ptr<PositionedFile>> files;
  files.reserve(dirty_.size());  // From here on nothing throws: a file that was taken is synced.
  for (auto& [index, file] : dirty_) files.push_back(std::move(file));
  dirty_.clear();
  return files;
}

// Not the last unit alone decides: one that was moved to a later slot points at an older record than its neighbours.
void TimerLog::remove_before(std::int64_t physical_min) {
  for (int blocks = 0; files_.size() > 1 && blocks < kBlocksMax; ++blocks) {
    if (looked_at_ < unit_bytes()) {
      if (!look_on(physical_min)) return;
      continue;
    }
    std::error_code ignored;  // It goes the next time.
    std::filesystem::remove(path_of(files_.begin()->first), ignored);
    files_.erase(files_.begin());
    looked_at_ = 0;
  }
}

/// Looks at a block of the oldest file. False: a record that it points at is still there, or it cannot be read.
bool TimerLog::look_on(std::int64_t physical_min) {
  std::vector<std::byte> block(static_cast<std::size_t>(std::min(kBlockSize, unit_bytes() - looked_at_)));
  if (!files_.begin()->second->read(looked_at_, block)) return false;
  for (std::size_t at = 0; at < block.size(); at += TimerUnit::kSize, looked_at_ += TimerUnit::kSize) {
    const auto unit = TimerUnit::decode(block.data() + at);
    if (unit && unit->record_end() > physical_min) return false;
  }
  return true;
}

/// Of the units of a full file; then comes the blank.
std::int64_t TimerLog::unit_bytes() const noexcept {
  return (file_size_ - kBlankSize) / TimerUnit::kSize * TimerUnit::kSize;
}

}  // namespace tenon::delay
