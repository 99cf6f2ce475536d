// SPDX-License-Identifier: Apache-2.0
#include "logstore/queue_extension.hpp"

#include <algorithm>
#include <array>

#include "record/layout.hpp"

namespace tenon::logstore {
namespace {

/// i16 size of the unit, i64 tags code, i64 store time, i16 bytes of the map, the map.
constexpr std::size_t kHeadSize = 20, kUnitSizeMax = 32'767;
/// Stay free at the end of a file; the first two of them, or earlier ones, say kFileIsFull.
constexpr std::int64_t kEndSize = 4;
constexpr std::int16_t kFileIsFull = -1;
constexpr std::int64_t kAddressBase = std::numeric_limits<std::int64_t>::min();

}  // namespace

Status QueueExtension::load() {
  const auto entries = storage_.file_system.list(directory_);
  if (!entries) return entries.error();
  for (const DirectoryEntry& entry : *entries) {
    const auto base = parse_offset_file_name(entry.name);
    if (entry.is_directory || !base) continue;
    if (entry.size == 0) {
      // RocketMQ may be killed between the creation of a file and the setting of its length.
      if (Status removed = storage_.file_system.remove(path_of(*base)); !removed) return removed;
      continue;
    }
    if (is_written() && (entry.size != file_size() || *base % file_size() != 0)) {
      return Error(Errc::corrupt, text(directory_, "/", entry.name, ": has ", entry.size,
                                       " bytes, but a file of a consume-queue extension has ", file_size()));
    }
    files_.push_back({*base, *base + entry.size});
  }
  return {};
}

Status QueueExtension::find_end(std::optional<std::int64_t> newest) {
  if (files_.empty()) return {};
  const Place& last = files_.back();
  const std::int64_t known = newest.value_or(kAddressBase) - kAddressBase;
  const auto end = end_of_units(last, known > last.base && known < last.end ? known : last.base);
  if (!end) return end.error();
  spilled_ = synced_ = *end;
  return {};
}

/// Units follow one another until there is none. `start`: where one begins.
Result<std::int64_t> QueueExtension::end_of_units(const Place& file, std::int64_t start) const {
  const auto opened = storage_.descriptors.open(path_of(file.base));
  if (!opened) return opened.error();
  std::vector<std::byte> bytes(std::size_t{64} << 10);
  for (std::int64_t at = start; at < file.end;) {
    const auto got = (*opened)->read_at(at - file.base, bytes);
    if (!got) return got.error();
    const std::int64_t from = at;
    for (std::size_t position = 0; position + kHeadSize <= *got;) {
      const auto size = record::load_big<std::int16_t>(bytes.data() + position);
      if (size == kFileIsFull) return file.end;
      if (size < static_cast<std::int16_t>(kHeadSize)) return from + static_cast<std::int64_t>(position);
      position += static_cast<std::size_t>(size);
      at = std::min(from + static_cast<std::int64_t>(position), file.end);
    }
    if (at == from) break;
  }
  return file.end;
}

void QueueExtension::begin_behind(std::int64_t address) {
  const std::int64_t at = address - kAddressBase;
  const std::lock_guard lock(mutex_);
  if (at < spilled_) return;
  pending_.clear();  // of entries that were cut off
  spilled_ = synced_ = at - at % file_size() + file_size();
}

/// mutex_ held.
void QueueExtension::fill_file() {
  const std::int64_t end = spilled_ + static_cast<std::int64_t>(pending_.size());
  const auto rest = static_cast<std::size_t>(file_size() - end % file_size());
  const std::size_t at = pending_.size();
  pending_.resize(at + rest);
  record::store_big(pending_.data() + at, kFileIsFull);
}

std::int64_t QueueExtension::put(std::int64_t tags_code, const IndexExtension& extension) {
  const std::size_t size = kHeadSize + extension.bit_map.size();
  const std::int64_t room = file_size() - kEndSize;
  if (size > kUnitSizeMax || static_cast<std::int64_t>(size) > room) return tags_code;
  const std::lock_guard lock(mutex_);
  if ((spilled_ + static_cast<std::int64_t>(pending_.size())) % file_size() + static_cast<std::int64_t>(size) > room)
    fill_file();
  const std::int64_t address = kAddressBase + spilled_ + static_cast<std::int64_t>(pending_.size());
  pending_.resize(pending_.size() + size);
  std::byte* const unit = pending_.data() + pending_.size() - size;
  record::store_big(unit, static_cast<std::int16_t>(size));
  record::store_big(unit + 2, tags_code);
  record::store_big(unit + 10, extension.store_timestamp_ms);
  record::store_big(unit + 18, static_cast<std::int16_t>(extension.bit_map.size()));
  std::ranges::copy(extension.bit_map, unit + kHeadSize);
  return address;
}

std::optional<QueueExtension::Place> QueueExtension::place_of(std::int64_t at) const {
  const std::lock_guard lock(mutex_);
  const auto behind = std::ranges::upper_bound(files_, at, {}, &Place::base);
  if (behind == files_.begin() || at >= std::prev(behind)->end) return std::nullopt;
  return *std::prev(behind);
}

bool QueueExtension::read_bytes(std::int64_t at, std::span<std::byte> out, ReadWait wait) const {
  {
    const std::lock_guard lock(mutex_);
    const std::int64_t in_memory = at - spilled_;
    if (in_memory >= 0 && !pending_.empty()) {
      if (in_memory + static_cast<std::int64_t>(out.size()) > static_cast<std::int64_t>(pending_.size())) return false;
      std::copy_n(pending_.begin() + in_memory, out.size(), out.begin());
      return true;
    }
  }
  const auto place = place_of(at);
  if (!place || at + static_cast<std::int64_t>(out.size()) > place->end) return false;
  const auto file = storage_.descriptors.open(path_of(place->base));
  if (!file ||
      (wait == ReadWait::never && !(*file)->is_at_hand(at - place->base, static_cast<std::int64_t>(out.size()))))
    return false;
  const auto got = (*file)->read_at(at - place->base, out);
  return got && *got == out.size();
}

bool QueueExtension::read(std::int64_t address, Unit& unit, ReadWait wait) const {
  const std::int64_t at = address - kAddressBase;
  std::array<std::byte, kHeadSize> head{};
  if (!read_bytes(at, head, wait)) return false;
  const auto size = record::load_big<std::int16_t>(head.data());
  const auto map_size = record::load_big<std::int16_t>(head.data() + 18);
  if (map_size < 0 || size != static_cast<std::int16_t>(kHeadSize) + map_size) return false;
  unit.bit_map.resize(static_cast<std::size_t>(map_size));
  if (map_size > 0 && !read_bytes(at + static_cast<std::int64_t>(kHeadSize), unit.bit_map, wait)) return false;
  unit.tags_code = record::load_big<std::int64_t>(head.data() + 2);
  unit.extension = {record::load_big<std::int64_t>(head.data() + 10), unit.bit_map};
  return true;
}

/// Nothing may lie there that is older than the queue.
Status QueueExtension::make_directory() {
  {
    const std::lock_guard lock(mutex_);
    if (!files_.empty()) return {};
  }
  if (Status removed = storage_.file_system.remove_tree(directory_); !removed) return removed;
  return storage_.file_system.create_directories(directory_);
}

/// Into one file, which is made together with its first units.
Status QueueExtension::write(std::int64_t at, std::span<const std::byte> bytes) {
  const std::int64_t base = at - at % file_size();
  if (place_of(at)) {
    const auto file = storage_.descriptors.open(path_of(base));
    return file ? (*file)->write_at(at - base, bytes) : Status(file.error());
  }
  if (Status made = make_directory(); !made) return made;
  const auto fill = [&](File& file) -> Status {
    if (Status sized = file.set_size(file_size()); !sized) return sized;
    return file.write_at(at - base, bytes);
  };
  if (Status created = storage_.descriptors.create(path_of(base), fill); !created) return created;
  const std::lock_guard lock(mutex_);
  files_.push_back({base, base + file_size()});
  return {};
}

Status QueueExtension::spill() {
  std::vector<std::byte> bytes;
  std::int64_t at = 0;
  {
    const std::lock_guard lock(mutex_);
    bytes = pending_;
    at = spilled_;
  }
  for (std::span<const std::byte> rest = bytes; !rest.empty();) {
    const auto part = rest.first(std::min(rest.size(), static_cast<std::size_t>(file_size() - at % file_size())));
    if (Status written = write(at, part); !written) return written;
    at += static_cast<std::int64_t>(part.size());
    rest = rest.subspan(part.size());
  }
  const std::lock_guard lock(mutex_);
  spilled_ = at;
  pending_.erase(pending_.begin(), pending_.begin() + static_cast<std::ptrdiff_t>(bytes.size()));
  if (pending_.empty()) pending_.shrink_to_fit();
  return {};
}

Status QueueExtension::sync() {
  if (!is_written()) return {};
  const std::int64_t until = [this] {
    const std::lock_guard lock(mutex_);
    return spilled_;
  }();
  while (synced_ < until) {
    if (const auto place = place_of(synced_)) {
      const auto file = storage_.descriptors.open(path_of(place->base));
      if (!file) return file.error();
      if (Status synced = (*file)->sync(); !synced) return synced;
    }
    synced_ = std::min(until, synced_ - synced_ % file_size() + file_size());
  }
  return {};
}

Status QueueExtension::cut(std::optional<std::int64_t> address) {
  if (!address) return truncate(0);
  if (Unit unit; read(*address, unit, ReadWait::allowed))
    return truncate(*address - kAddressBase + static_cast<std::int64_t>(kHeadSize + unit.bit_map.size()));
  begin_behind(*address);
  return {};
}

Status QueueExtension::truncate(std::int64_t end) {
  if (!is_written()) return {};
  std::vector<Place> gone;
  std::optional<Place> shortened;
  {
    const std::lock_guard lock(mutex_);
    const std::int64_t in_memory = std::max<std::int64_t>(end - spilled_, 0);
    if (in_memory < static_cast<std::int64_t>(pending_.size())) pending_.resize(static_cast<std::size_t>(in_memory));
    if (end >= spilled_) return {};
    spilled_ = end;
    synced_ = std::min(synced_, end);
    while (!files_.empty() && files_.back().base >= end) {
      gone.push_back(files_.back());
      files_.pop_back();
    }
    if (!files_.empty() && files_.back().end > end) shortened = files_.back();
  }
  for (const Place& place : gone) {
    storage_.descriptors.forget(path_of(place.base));
    if (Status removed = storage_.file_system.remove(path_of(place.base)); !removed) return removed;
  }
  if (!shortened) return {};
  const auto file = storage_.descriptors.open(path_of(shortened->base));
  if (!file) return file.error();
  return (*file)->punch(end - shortened->base);
}

Status QueueExtension::drop_before(std::int64_t address) {
  const std::int64_t at = address - kAddressBase;
  for (;;) {
    std::int64_t base = 0;
    {
      const std::lock_guard lock(mutex_);
      if (files_.size() < 2 || files_.front().end > at) return {};
      base = files_.front().base;
      files_.erase(files_.begin());
    }
    storage_.descriptors.forget(path_of(base));
    if (Status removed = storage_.file_system.remove(path_of(base)); !removed) return removed;
  }
}

Status QueueExtension::remove_all() {
  {
    const std::lock_guard lock(mutex_);
    files_.clear();
    pending_.clear();
    spilled_ = synced_ = 0;
  }
  storage_.descriptors.forget_below(directory_ + "/");
  return storage_.file_system.remove_tree(directory_);
}

}  // namespace tenon::logstore
