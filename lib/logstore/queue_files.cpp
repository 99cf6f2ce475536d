// SPDX-License-Identifier: Apache-2.0
#include "logstore/queue_files.hpp"

#include <algorithm>
#include <cstring>
#include <vector>

namespace tenon::logstore {
namespace {

/// How many bytes of a queue are read off the disk at once: a hundred reads of a consumer.
constexpr std::int64_t kStretch = 64 * 1024;

/// How many bytes are left. By eight: a start does that for each of tens of thousands of queues.
std::size_t without_zeros_behind(std::span<const std::byte> bytes) noexcept {
  std::size_t left = bytes.size();
  for (std::uint64_t word = 0; left >= sizeof word; left -= sizeof word) {
    std::memcpy(&word, bytes.data() + left - sizeof word, sizeof word);
    if (word != 0) break;
  }
  while (left > 0 && bytes[left - 1] == std::byte{0}) --left;
  return left;
}

}  // namespace

Status QueueFiles::load_to_look() { return load_only_file() ? Status{} : load(); }

/// False: it takes a closer look.
bool QueueFiles::load_only_file() {
  auto only = storage_.file_system.open_only_file(directory_);
  if (!only || only->size != shape_.file_size()) return false;
  const auto base = parse_offset_file_name(only->name);
  if (!base || *base % shape_.file_size() != 0) return false;
  only->file->read_as_told();
  auto looked_at = std::make_unique<LookedAt>();
  const auto got = only->file->read_at(0, looked_at->page);
  if (!got) return false;
  looked_at->size = *got;
  looked_at->file = std::move(only->file);
  looked_at->base = first_ = *base / shape_.unit_size;
  end_ = first_ + shape_.units;
  looked_at_ = std::move(looked_at);
  return true;
}

Status QueueFiles::load() {
  const auto entries = storage_.file_system.list(directory_);
  if (!entries) return entries.error();
  bool any = false;
  for (const DirectoryEntry& entry : *entries) {
    if (entry.is_directory) continue;
    const std::string path = directory_ + "/" + entry.name;
    const auto base = parse_offset_file_name(entry.name);
    if (base && entry.size == 0 && entry.name == entries->back().name) {
      // RocketMQ may be killed between the creation of a file and the setting of its length.
      if (Status removed = storage_.file_system.remove(path); !removed) return removed;
      continue;
    }
    if (!base || entry.size != shape_.file_size() || *base % shape_.file_size() != 0) {
      return Error(Errc::corrupt,
                   text(path, ": has ", entry.size, " bytes, but a consume-queue file has ", shape_.file_size()));
    }
    const std::int64_t first_entry = *base / shape_.unit_size;
    if (any && first_entry != end_) return Error(Errc::corrupt, text(path, ": a file before it is missing"));
    if (!any) first_ = first_entry;
    end_ = first_entry + shape_.units;
    any = true;
  }
  return {};
}

/// A file appears with its first entries in it.
Status QueueFiles::create_file(std::int64_t base, std::int64_t at, std::span<const std::byte> entries) {
  if (empty()) {
    if (Status made = storage_.file_system.create_directories(directory_); !made) return made;
  }
  const auto fill = [&](File& file) -> Status {
    if (Status sized = file.set_size(shape_.file_size()); !sized) return sized;
    if (Status filled = empty() ? fill_before(file, base, at) : Status{}; !filled) return filled;
    return file.write_at((at - base) * shape_.unit_size, entries);
  };
  if (Status created = storage_.descriptors.create(path_of(base), fill); !created) return created;
  if (empty()) first_ = base;
  end_ = base + shape_.units;
  return {};
}

Status QueueFiles::fill_before(File& file, std::int64_t base, std::int64_t at) {
  if (at <= base) return {};
  constexpr std::int64_t kChunk = 1024;
  std::vector<std::byte> filler(static_cast<std::size_t>(std::min(kChunk, at - base) * kQueueEntrySize));
  for (std::size_t offset = 0; offset < filler.size(); offset += kQueueEntrySize) {
    encode_entry({{0}, kFillerSize, 0}, filler.data() + offset);
  }
  for (std::int64_t filled = base; filled < at; filled += kChunk) {
    const auto bytes = static_cast<std::size_t>(std::min(kChunk, at - filled) * kQueueEntrySize);
    if (Status written = file.write_at((filled - base) * kQueueEntrySize, std::span(filler).first(bytes)); !written)
      return written;
  }
  return {};
}

Status QueueFiles::write_to_file(std::int64_t base, std::int64_t at, std::span<const std::byte> entries) {
  if (empty() || base >= end_) return create_file(base, at, entries);
  const auto file = storage_.descriptors.open(path_of(base));
  if (!file) return file.error();
  return (*file)->write_at((at - base) * shape_.unit_size, entries);
}

Status QueueFiles::write(std::int64_t at, std::span<const std::byte> entries) {
  while (!entries.empty()) {
    const std::int64_t base = base_of(at);
    const auto room = static_cast<std::size_t>((base + shape_.units - at) * shape_.unit_size);
    const auto part = entries.first(std::min(room, entries.size()));
    if (Status written = write_to_file(base, at, part); !written) return written;
    at += static_cast<std::int64_t>(part.size()) / shape_.unit_size;
    entries = entries.subspan(part.size());
  }
  return {};
}

Result<std::size_t> QueueFiles::read(std::int64_t at, std::span<IndexEntry> entries) const {
  std::byte buffer[kReadMax * kQueueEntrySize];
  const std::size_t wanted = std::min(entries.size(), kReadMax);
  auto count = read_units(at, std::span(buffer).first(wanted * kQueueEntrySize));
  if (!count) return count;
  for (std::size_t index = 0; index < *count; ++index) entries[index] = decode_entry(buffer + index * kQueueEntrySize);
  return count;
}

Result<std::size_t> QueueFiles::read_units(std::int64_t at, std::span<std::byte> units) const {
  if (empty() || at < first_ || at >= end_) return std::size_t{0};
  const std::int64_t base = base_of(at);
  const auto unit_size = static_cast<std::size_t>(shape_.unit_size);
  const auto in_file = static_cast<std::size_t>(base + shape_.units - at) * unit_size;
  const auto got = read_bytes(base, (at - base) * shape_.unit_size, units.first(std::min(units.size(), in_file)));
  if (!got) return got.error();
  return *got / unit_size;
}

/// Of the file that begins at `base`.
Result<std::size_t> QueueFiles::read_bytes(std::int64_t base, std::int64_t position, std::span<std::byte> out) const {
  if (is_looked_at(base)) {
    const auto from = static_cast<std::size_t>(position);
    if (from + out.size() > looked_at_->size) return looked_at_->file->read_at(position, out);
    std::copy_n(looked_at_->page.begin() + position, out.size(), out.begin());
    return out.size();
  }
  const auto file = storage_.descriptors.open(path_of(base));
  if (!file) return file.error();
  return (*file)->read_at(position, out);
}

bool QueueFiles::may_have_data_from(std::int64_t base, std::int64_t position) const {
  if (is_looked_at(base)) return looked_at_->file->may_have_data_from(position);
  const auto file = storage_.descriptors.open(path_of(base));
  return !file || (*file)->may_have_data_from(position);
}

bool QueueFiles::may_be_torn(std::int64_t at) const noexcept {
  constexpr std::int64_t kSector = 512;
  const std::int64_t begin = at % shape_.units * shape_.unit_size;
  return begin / kSector != (begin + shape_.unit_size - 1) / kSector;
}

std::int64_t QueueFiles::data_end(std::int64_t at) const {
  constexpr std::int64_t kPage = 4096, kPagesMax = 64;
  if (empty() || at >= end_) return at;
  const std::int64_t base = base_of(at);
  if (base + entries_per_file() < end_) return end_;
  std::int64_t last = -1, position = (at - base) * kQueueEntrySize;
  for (std::int64_t pages = 0; pages < kPagesMax; ++pages) {
    std::byte page[kPage];
    const std::int64_t page_end = position - position % kPage + kPage;
    const auto got = read_bytes(base, position, std::span(page).first(static_cast<std::size_t>(page_end - position)));
    if (!got) return end_;
    const auto bytes = std::span(page).first(*got);
    if (const std::size_t data = without_zeros_behind(bytes); data > 0)
      last = position + static_cast<std::int64_t>(data) - 1;
    if (!may_have_data_from(base, page_end)) return last < 0 ? at : base + last / kQueueEntrySize + 1;
    position = page_end;
  }
  return end_;
}

bool QueueFiles::is_at_hand(std::int64_t at, std::int64_t count) const {
  if (empty() || at < first_ || at >= end_) return true;
  const std::int64_t base = base_of(at), in_file = std::min(count, base + shape_.units - at);
  const auto file = storage_.descriptors.open(path_of(base));
  return !file || (*file)->is_at_hand((at - base) * shape_.unit_size, in_file * shape_.unit_size);
}

void QueueFiles::will_need(std::int64_t at, std::int64_t until) const {
  const std::int64_t units = kStretch / shape_.unit_size, begin = std::max(at - at % units, first());
  const std::int64_t end = std::min({at - at % units + 2 * units, until, this->end()});
  for (std::int64_t from = begin; from < end;) {
    const std::int64_t base = base_of(from), to = std::min(end, base + shape_.units);
    if (const auto file = storage_.descriptors.open(path_of(base)))
      (*file)->will_need((from - base) * shape_.unit_size, (to - from) * shape_.unit_size);
    from = to;
  }
}

Status QueueFiles::truncate(std::int64_t at) {
  if (looked_at_) looked_at_.reset();  // only while it is opened; later, readers look whether there is one
  while (!empty() && base_of(end_ - 1) >= at) {
    const std::int64_t base = base_of(end_ - 1);
    storage_.descriptors.forget(path_of(base));
    if (Status removed = storage_.file_system.remove(path_of(base)); !removed) return removed;
    end_ = base;
    if (base < first_) first_ = base;
  }
  if (empty() || at >= end_) return {};
  const auto file = storage_.descriptors.open(path_of(base_of(at)));
  if (!file) return file.error();
  return (*file)->punch((at - base_of(at)) * shape_.unit_size);
}

Status QueueFiles::delete_first() {
  storage_.descriptors.forget(path_of(first_));
  if (Status removed = storage_.file_system.remove(path_of(first_)); !removed) return removed;
  first_ += shape_.units;
  return {};
}

void QueueFiles::start_writeback(std::int64_t from, std::int64_t to) {
  for (std::int64_t at = std::max(from, first()); at < std::min(to, end());) {
    const std::int64_t base = base_of(at), until = std::min(to, base + shape_.units);
    if (const auto file = storage_.descriptors.open(path_of(base)))
      (*file)->start_writeback((at - base) * shape_.unit_size, (until - at) * shape_.unit_size);
    at = until;
  }
}

Status QueueFiles::sync(std::int64_t from, std::int64_t to) {
  for (std::int64_t base = base_of(std::max(from, first())); base < to && base < end_; base += shape_.units) {
    const auto file = storage_.descriptors.open(path_of(base));
    if (!file) return file.error();
    if (Status synced = (*file)->sync(); !synced) return synced;
  }
  return {};
}

Status QueueFiles::remove_all() {
  storage_.descriptors.forget_below(directory_ + "/");
  while (!empty()) {
    if (Status deleted = delete_first(); !deleted) return deleted;
  }
  first_ = 0;
  end_ = 0;
  return storage_.file_system.remove_tree(directory_);
}

}  // namespace tenon::logstore
