// SPDX-License-Identifier: Apache-2.0
#include "logstore/key_index.hpp"

#include <algorithm>
#include <ctime>

namespace tenon::logstore {
namespace {

constexpr std::int32_t kQueryMax = 64;
/// A query waits for this much of the log to be indexed, not for more.
constexpr std::int64_t kCatchUpMax = 32LL << 20;
constexpr std::size_t kKeysAtOnce = 2048;

/// Local time as yyyyMMddHHmmssSSS.
std::string index_file_name(std::int64_t now_ms) {
  const std::time_t seconds = now_ms / 1000;
  std::tm local{};
  localtime_r(&seconds, &local);
  char digits[32];
  const std::size_t length = std::strftime(digits, sizeof digits, "%Y%m%d%H%M%S", &local);
  const std::string millis = std::to_string(1000 + now_ms % 1000).substr(1);
  return std::string(digits, length) + millis;
}

/// More digits than any of ours has would be no number, which the name of the next file is made of.
bool is_index_file(const DirectoryEntry& entry) {
  constexpr std::size_t kDigitsMax = 18;
  return !entry.is_directory && !entry.name.empty() && entry.name.size() <= kDigitsMax &&
         std::all_of(entry.name.begin(), entry.name.end(), [](char digit) { return digit >= '0' && digit <= '9'; });
}

}  // namespace

KeyIndex::KeyIndex(const StoreOptions& options, FileSystem& file_system, AppendLock& append_lock)
    : options_(options), file_system_(file_system), directory_(StoreLayout(options).index), append_lock_(append_lock) {}

Status KeyIndex::load(bool unclean, std::int64_t full_until_ms) {
  const std::lock_guard lock(mutex_);
  shape_ = {options_.index_slots, options_.index_entries};
  full_until_ms_ = full_until_ms;
  gone_ = !file_system_.exists(directory_);
  if (Status made = file_system_.create_directories(directory_); !made) return made;
  const auto entries = file_system_.list(directory_);
  if (!entries) return entries.error();
  for (const DirectoryEntry& entry : *entries) {
    if (!is_index_file(entry)) continue;
    if (entry.size != 0 && entry.size != shape_.file_size()) {
      return Error(Errc::corrupt, text((directory_ / entry.name).string(), ": has ", entry.size,
                                       " bytes, but an index file has ", shape_.file_size()));
    }
    auto file = IndexFile::open(file_system_, directory_ / entry.name, shape_);
    if (!file) return file.error();
    files_.push_back(std::move(*file));
  }
  return unclean ? remove_doubted() : Status{};
}

/// The newest file may not be on disk, and where a Java broker has written, others neither. A header may be older than
/// what its slots point to, and say a time that is vouched for. The newest go first: whoever is stopped in between must
/// not find some without those before them.
Status KeyIndex::remove_doubted() {
  const auto doubted = std::ranges::find_if(files_, [this](const auto& file) {
    return file == files_.back() || !file->full() || file->end_timestamp_ms() > full_until_ms_;
  });
  for (auto left = doubted - files_.begin(); std::ssize(files_) > left; files_.pop_back()) {
    if (Status removed = remove(files_.back()); !removed) return removed;
  }
  return {};
}

/// Closed later, in the background: that waits for what of it is just being written to the disk, and a start waits for
/// this.
Status KeyIndex::remove(std::unique_ptr<IndexFile>& file) {
  if (Status removed = file_system_.remove(file->path()); !removed) return removed;
  removed_.push_back(std::move(file));
  return {};
}

Status KeyIndex::start_at(bool unclean, const CommitLog& log, PhysicalOffset recovered_from) {
  const std::lock_guard lock(mutex_);
  bool lost = false;
  // Begun, and the process was killed before the first entry: it does not say how far the index has come.
  while (!files_.empty() && files_.back()->count() <= 1) {
    if (Status removed = remove(files_.back()); !removed) return removed;
    files_.pop_back();
  }
  while (!files_.empty() && files_.back()->end_physical_offset() >= log.max()) {
    if (Status removed = remove(files_.back()); !removed) return removed;
    files_.pop_back();
    lost = true;
  }
  // What is made anew in their place is not on disk.
  full_until_ms_ = std::min(full_until_ms_, files_.empty() ? 0 : files_.back()->end_timestamp_ms());
  indexed_ = !files_.empty() ? files_.back()->end_physical_offset() : PhysicalOffset{-1};
  found_.keys().clear();
  handed_.clear();
  {
    const std::lock_guard appends(append_lock_);
    appended_.clear();
  }
  const bool knows_all = !unclean && !lost && !gone_;
  position_ = std::max(log.min(), knows_all ? std::max(indexed_, recovered_from) : indexed_);
  return {};
}

std::int64_t KeyIndex::full_until_ms() const {
  const std::lock_guard lock(mutex_);
  return full_until_ms_;
}

Result<bool> KeyIndex::follow(const CommitLog& log, std::int64_t bytes_max) {
  std::vector<std::unique_ptr<IndexFile>> removed;  // closed when the lock is given back
  const std::lock_guard lock(mutex_);
  removed.swap(removed_);
  return follow_locked(log, bytes_max);
}

Result<bool> KeyIndex::follow_locked(const CommitLog& log, std::int64_t bytes_max) const {
  if (Status put = put_all(found_.keys()); !put) return put.error();
  position_ = std::max(position_, log.min());
  const PhysicalOffset end = log.written(), stop = std::min(end, position_ + bytes_max);
  while (position_ < stop) {
    if (position_ >= handed_.end()) {
      if (Status taken = take_appended(log); !taken) return taken.error();
    }
    const bool are_handed = position_ >= handed_.begin() && position_ < handed_.end();
    const PhysicalOffset until = position_ < handed_.begin() ? std::min(stop, handed_.begin()) : stop;
    const PhysicalOffset before = position_;
    if (Status added = are_handed ? add_handed() : add_from(log, until); !added) return added.error();
    if (position_ == before) break;
  }
  return position_ < end;
}

/// What was gathered is written out first: no key is in the files before its record is.
Status KeyIndex::take_appended(const CommitLog& log) const {
  handed_.clear();
  const std::lock_guard lock(append_lock_);
  Status written = log.write_out();
  if (written) std::swap(handed_, appended_);
  return written;
}

Status KeyIndex::add_handed() const {
  Status put = put_all(handed_.keys());
  if (put) position_ = handed_.end();
  return put;
}

/// Those of the records before `until` that lie in the file of position_.
Status KeyIndex::add_from(const CommitLog& log, PhysicalOffset until) const {
  const SegmentListPtr segments = log.segments();
  const Segment* const segment = segments->find(position_);
  if (segment == nullptr) return {};
  const PhysicalOffset end = log.written();
  auto rest = segment->bytes_from(position_);
  if (end.value < segment->end()) rest = rest.first(static_cast<std::size_t>(end - position_));
  Status added = add_records(rest, until);
  if (added && position_ < until) position_ = {segment->end()};  // the blank at the end of a segment
  return added;
}

/// Those at the begin of `rest`, which lies at position_ and ends where the file or the log does. Short of `until` it
/// leaves off where no record is. Some at a time, because many keys are put faster than one.
Status KeyIndex::add_records(std::span<const std::byte> rest, PhysicalOffset until) const {
  while (position_ < until) {
    const PhysicalOffset before = position_;
    while (position_ < until && found_.keys().size() < kKeysAtOnce) {
      const auto view = record::RecordView::decode_if_whole(rest);
      if (!view) break;
      if (view->physical_offset() >= indexed_) collect_keys(*view);
      rest = rest.subspan(view->bytes().size());
      position_ += static_cast<std::int64_t>(view->bytes().size());
    }
    if (Status put = put_all(found_.keys()); !put) return put;
    if (position_ == before) break;
  }
  return {};
}

void KeyIndex::collect_keys(const record::RecordView& view) const {
  auto& keys = found_.keys();
  const std::size_t first = keys.size();
  const PhysicalOffset offset = view.physical_offset();
  const IndexedProperties properties = indexed_properties_of(view.properties());
  found_.set_topic(view.topic());
  found_.collect({view.sys_flag(), properties, offset, view.store_timestamp_ms()}, options_.index_tags);
  // The newest record of the files that were kept at the start: its last keys may have been in one that was not.
  if (offset == indexed_) [[unlikely]]
    keys.erase(std::remove_if(keys.begin() + static_cast<std::ptrdiff_t>(first), keys.end(),
                              [this](const IndexFile::Key& key) { return holds(key.hash, indexed_); }),
               keys.end());
}

/// What goes wrong is left for the next time.
Status KeyIndex::put_all(std::vector<IndexFile::Key>& keys) const {
  std::span<const IndexFile::Key> rest = keys;
  Status put;
  while (put && !rest.empty()) put = put_some(rest);
  keys.erase(keys.begin(), keys.end() - static_cast<std::ptrdiff_t>(rest.size()));
  return put;
}

/// Takes off `rest` what it has put.
Status KeyIndex::put_some(std::span<const IndexFile::Key>& rest) const {
  if (files_.empty() || files_.back()->full()) {
    if (Status rolled = roll(); !rolled) return rolled;
  }
  const auto put = files_.back()->put_some(rest);
  if (!put) return put.error();
  rest = rest.subspan(*put);
  return {};
}

bool KeyIndex::holds(std::int32_t hash, PhysicalOffset offset) const {
  bool found = false;
  for (auto at = files_.rbegin(); at != files_.rend() && !found; ++at) {
    (*at)->visit(hash, [&](PhysicalOffset there, std::int64_t) {
      found = there == offset;
      return there > offset;
    });
    if ((*at)->begin_physical_offset() < offset) break;
  }
  return found;
}

Status KeyIndex::roll() const {
  const IndexFile* before = files_.empty() ? nullptr : files_.back().get();
  std::filesystem::path path = directory_ / index_file_name(options_.now_ms());
  // Names must grow, also when two files are begun in one millisecond or the clock was set back.
  if (before != nullptr && path.filename() <= before->path().filename()) {
    path = directory_ / std::to_string(std::stoll(before->path().filename().string()) + 1);
  }
  // First: of several files, all but the newest are on disk.
  if (!files_.empty()) {
    if (Status synced = files_.back()->sync(); !synced) return synced;
    full_until_ms_ = files_.back()->end_timestamp_ms();
  }
  auto created = IndexFile::create(file_system_, path, shape_, before);
  if (!created) return created.error();
  files_.push_back(std::move(*created));
  return {};
}

KeyIndex::Found KeyIndex::query(const KeyQuery& query, const CommitLog& log) const {
  Found found;
  const std::int32_t hash = IndexHash(query.topic).of(query.key);
  const auto max = static_cast<std::size_t>(std::clamp(query.max_messages, 0, kQueryMax));
  const std::lock_guard lock(mutex_);
  if (log.readable_end(log.max()) - position_ <= kCatchUpMax) (void)follow_locked(log, kCatchUpMax);
  if (!files_.empty()) {
    found.last_timestamp_ms = files_.back()->end_timestamp_ms();
    found.last_physical_offset = files_.back()->end_physical_offset();
  }
  for (auto at = files_.rbegin(); at != files_.rend() && found.offsets.size() < max; ++at) {
    const IndexFile& file = **at;
    if (file.begin_timestamp_ms() <= query.end_timestamp_ms && file.end_timestamp_ms() >= query.begin_timestamp_ms) {
      file.visit(hash, [&](PhysicalOffset offset, std::int64_t time) {
        if (time < query.begin_timestamp_ms) return false;
        if (time <= query.end_timestamp_ms) found.offsets.push_back(offset);
        return found.offsets.size() < max;
      });
    }
    if (file.begin_timestamp_ms() < query.begin_timestamp_ms) break;
  }
  std::sort(found.offsets.begin(), found.offsets.end());
  return found;
}

Status KeyIndex::sync() {
  const std::lock_guard lock(mutex_);
  return files_.empty() ? Status{} : files_.back()->sync();
}

Status KeyIndex::delete_before(PhysicalOffset log_min) {
  const std::lock_guard lock(mutex_);
  while (files_.size() > 1 && files_.front()->end_physical_offset() < log_min) {
    if (Status removed = file_system_.remove(files_.front()->path()); !removed) return removed;
    files_.erase(files_.begin());
  }
  return {};
}

}  // namespace tenon::logstore
