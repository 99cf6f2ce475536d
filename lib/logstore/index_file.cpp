// SPDX-License-Identifier: Apache-2.0
#include "logstore/index_file.hpp"

#include <algorithm>
#include <array>
#include <cstring>
#include <string>

#include "record/layout.hpp"

namespace tenon::logstore {
namespace {

using record::load_big;
using record::store_big;

enum HeaderPosition : std::size_t {
  kBeginTime = 0,
  kEndTime = 8,
  kBeginOffset = 16,
  kEndOffset = 24,
  kSlotCount = 32,
  kIndexCount = 36
};
/// In an entry.
constexpr std::size_t kPrevious = 16;
/// The kernel makes pages of this much in one piece, if a write has all of it: in several ones it takes twice the time.
constexpr std::size_t kPiece = 32 * 1024;

std::int32_t seconds_after(std::int64_t begin_ms, std::int64_t time_ms) noexcept {
  if (begin_ms <= 0) return 0;
  return static_cast<std::int32_t>(std::clamp<std::int64_t>((time_ms - begin_ms) / 1000, 0, INT32_MAX));
}

}  // namespace

Result<std::unique_ptr<IndexFile>> IndexFile::open(FileSystem& file_system, const std::filesystem::path& path,
                                                   const IndexShape& shape) {
  auto file = file_system.open(path, FileSystem::OpenMode::existing);
  if (!file) return file.error();
  const auto size = (*file)->size();
  if (!size) return size.error();
  if (*size < shape.file_size()) {
    if (Status sized = (*file)->set_size(shape.file_size()); !sized) return sized.error();
  }
  return mapped(path, shape, std::move(*file));
}

Result<std::unique_ptr<IndexFile>> IndexFile::mapped(const std::filesystem::path& path, const IndexShape& shape,
                                                     std::unique_ptr<File> file) {
  auto mapping = file->map(static_cast<std::size_t>(shape.file_size()));
  if (!mapping) return mapping.error();
  return std::unique_ptr<IndexFile>(new IndexFile(path, shape, std::move(file), std::move(*mapping)));
}

Result<std::unique_ptr<IndexFile>> IndexFile::create(FileSystem& file_system, const std::filesystem::path& path,
                                                     const IndexShape& shape, const IndexFile* before) {
  auto file = file_system.create(path, [&](File& made) { return made.set_size(shape.file_size()); });
  if (!file) return file.error();
  auto created = mapped(path, shape, std::move(*file));
  if (!created) return created;
  if (Status taken = (*created)->take_space_for_slots(); !taken) {
    (void)file_system.remove(path);
    return taken.error();
  }
  std::byte* header = (*created)->mapping_->data();
  store_big(header + kIndexCount, std::int32_t{1});
  if (before != nullptr) {
    store_big(header + kBeginTime, before->end_timestamp_ms());
    store_big(header + kEndTime, before->end_timestamp_ms());
    store_big(header + kBeginOffset, before->end_physical_offset().value);
    store_big(header + kEndOffset, before->end_physical_offset().value);
  }
  return created;
}

Status IndexFile::take_space_for_slots() {
  const std::int64_t end = entry(0) - mapping_->data();
  if (Status allocated = file_->allocate(0, end); !allocated) return allocated;
  // Made present in one call, which costs a third of the page faults.
  mapping_->populate(0, static_cast<std::size_t>(end));
  slots_have_space_ = true;
  return {};
}

Status IndexFile::put(const Key& key) {
  const auto some = put_some({&key, 1});
  return some ? Status{} : Status(some.error());
}

/// Of the first piece of the file that ends at least one entry behind `begin`.
std::size_t IndexFile::end_of_piece(std::size_t begin) const noexcept {
  const std::size_t end = begin + kEntrySize - 1;
  return std::min(end - end % kPiece + kPiece, static_cast<std::size_t>(shape_.file_size()));
}

Result<std::size_t> IndexFile::put_some(std::span<const Key> keys) {
  const std::int32_t first = count();
  std::byte* const header = mapping_->data();
  const auto begin = static_cast<std::size_t>(entry(first) - header), piece_end = end_of_piece(begin);
  const std::size_t of_piece = (piece_end - begin) / kEntrySize;
  keys = keys.first(std::min({keys.size(), static_cast<std::size_t>(shape_.entries - first), of_piece}));
  if (keys.empty()) return keys.size();
  if (!slots_have_space_) {
    if (Status taken = take_space_for_slots(); !taken) return taken.error();
  }
  std::array<std::byte, kPiece + kEntrySize> bytes;
  const auto made = std::span(bytes).first(keys.size() * kEntrySize);
  const std::int32_t slots_taken = put_groups(keys, first, bytes.data());
  // Where the next entry begins in front of the piece's end, and goes on behind it, zeros stand for it until it comes.
  const std::size_t zeros = keys.size() == of_piece ? piece_end - begin - made.size() : 0;
  std::memset(bytes.data() + made.size(), 0, zeros);
  const auto written_bytes = std::span(bytes).first(made.size() + zeros);
  if (Status written = file_->write_at(static_cast<std::int64_t>(begin), written_bytes); !written) {
    take_back(made);
    return written.error();
  }
  if (first <= 1) {
    store_big(header + kBeginTime, keys.front().store_timestamp_ms);
    store_big(header + kBeginOffset, keys.front().physical_offset.value);
  }
  if (slots_taken > 0) store_big(header + kSlotCount, load_big<std::int32_t>(header + kSlotCount) + slots_taken);
  store_big(header + kEndTime, keys.back().store_timestamp_ms);
  store_big(header + kEndOffset, keys.back().physical_offset.value);
  store_big(header + kIndexCount, first + static_cast<std::int32_t>(keys.size()));
  return keys.size();
}

std::int32_t IndexFile::put_groups(std::span<const Key> keys, std::int32_t first, std::byte* made) noexcept {
  std::int32_t slots_taken = 0;
  std::int64_t begin_ms = begin_timestamp_ms();
  if (first <= 1) {
    // As in RocketMQ, the first entry of a file counts from the file before it.
    slots_taken += put_group(keys.first(1), first++, begin_ms, made);
    begin_ms = keys.front().store_timestamp_ms;
    keys = keys.subspan(1);
    made += kEntrySize;
  }
  for (; !keys.empty(); keys = keys.subspan(std::min(kGroup, keys.size()))) {
    const auto group = keys.first(std::min(kGroup, keys.size()));
    slots_taken += put_group(group, first, begin_ms, made);
    first += static_cast<std::int32_t>(group.size());
    made += group.size() * kEntrySize;
  }
  return slots_taken;
}

std::int32_t IndexFile::put_group(std::span<const Key> keys, std::int32_t first, std::int64_t begin_ms,
                                  std::byte* made) noexcept {
  // The slots lie all over 20 MB: without the order to fetch them, each entry would wait for memory.
  std::array<std::byte*, kGroup> heads;
  for (std::size_t index = 0; index < keys.size(); ++index) {
    heads[index] = slot(keys[index].hash % shape_.slots);
    __builtin_prefetch(heads[index], 1);
  }
  std::int32_t number = first, slots_taken = 0, seconds = 0;
  for (std::int64_t time_ms = INT64_MIN; const Key& key : keys) {
    if (key.store_timestamp_ms != time_ms) {
      time_ms = key.store_timestamp_ms;
      seconds = seconds_after(begin_ms, time_ms);
    }
    std::byte* const head = heads[static_cast<std::size_t>(number - first)];
    std::int32_t previous = load_big<std::int32_t>(head);
    if (previous <= 0 || previous > number) previous = 0;
    store_big(made, key.hash);
    store_big(made + 4, key.physical_offset.value);
    store_big(made + 12, seconds);
    store_big(made + kPrevious, previous);
    store_big(head, number);
    slots_taken += previous == 0 ? 1 : 0;
    ++number;
    made += kEntrySize;
  }
  return slots_taken;
}

void IndexFile::take_back(std::span<const std::byte> made) noexcept {
  for (; !made.empty(); made = made.first(made.size() - kEntrySize)) {
    const std::byte* const last = made.data() + made.size() - kEntrySize;
    store_big(slot(load_big<std::int32_t>(last) % shape_.slots), load_big<std::int32_t>(last + kPrevious));
  }
}

void IndexFile::visit(std::int32_t hash, const std::function<bool(PhysicalOffset, std::int64_t)>& visit) const {
  const std::int32_t end = count();
  for (std::int32_t number = load_big<std::int32_t>(slot(hash % shape_.slots)), budget = end;
       number > 0 && number < end && budget > 0; --budget) {
    const std::byte* found = entry(number);
    const auto seconds = load_big<std::int32_t>(found + 12);
    if (seconds < 0) return;
    if (load_big<std::int32_t>(found) == hash) {
      if (!visit({load_big<std::int64_t>(found + 4)}, begin_timestamp_ms() + seconds * std::int64_t{1000})) return;
    }
    const auto previous = load_big<std::int32_t>(found + kPrevious);
    if (previous == number) return;
    number = previous;
  }
}

std::int64_t IndexFile::begin_timestamp_ms() const noexcept {
  return load_big<std::int64_t>(mapping_->data() + kBeginTime);
}
std::int64_t IndexFile::end_timestamp_ms() const noexcept {
  return load_big<std::int64_t>(mapping_->data() + kEndTime);
}
PhysicalOffset IndexFile::begin_physical_offset() const noexcept {
  return {load_big<std::int64_t>(mapping_->data() + kBeginOffset)};
}
PhysicalOffset IndexFile::end_physical_offset() const noexcept {
  return {load_big<std::int64_t>(mapping_->data() + kEndOffset)};
}
std::int32_t IndexFile::count() const noexcept {
  return std::clamp(load_big<std::int32_t>(mapping_->data() + kIndexCount), 1, shape_.entries);
}

}  // namespace tenon::logstore
