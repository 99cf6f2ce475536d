// SPDX-License-Identifier: Apache-2.0
#include "logstore/index_file.hpp"

#include <algorithm>
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
constexpr std::int64_t kReserveStep = 1 << 20;

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
  if (Status reserved = (*created)->reserve(2); !reserved) {
    (void)file_system.remove(path);
    return reserved.error();
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

/// Takes disk space for all entries below `until`.
Status IndexFile::reserve(std::int32_t until) {
  const std::int64_t needed = entry(until) - mapping_->data();
  if (needed <= reserved_) [[likely]]
    return {};
  const std::int64_t end = std::min(needed + kReserveStep, shape_.file_size());
  if (Status allocated = file_->allocate(reserved_, end - reserved_); !allocated) return allocated;
  // Made present in one call, which costs a third of the page faults; what lies before the next entry is left alone.
  const std::int64_t begin = std::max<std::int64_t>(reserved_, entry(count()) - mapping_->data());
  mapping_->populate(static_cast<std::size_t>(begin), static_cast<std::size_t>(end - begin));
  reserved_ = end;
  return {};
}

Status IndexFile::put(const Key& key) {
  const auto put = put_all({&key.hash, 1}, key.physical_offset, key.store_timestamp_ms);
  return put ? Status{} : Status(put.error());
}

Result<std::size_t> IndexFile::put_all(std::span<const std::int32_t> hashes, PhysicalOffset physical_offset,
                                       std::int64_t store_timestamp_ms) {
  const std::int32_t first = count();
  const std::size_t fitting = std::min(hashes.size(), static_cast<std::size_t>(shape_.entries - first));
  if (fitting == 0) return fitting;
  if (Status reserved = reserve(first + static_cast<std::int32_t>(fitting)); !reserved) return reserved.error();
  std::byte* const header = mapping_->data();
  const std::int64_t begin = begin_timestamp_ms();
  auto seconds = static_cast<std::int32_t>(
      begin > 0 ? std::clamp<std::int64_t>((store_timestamp_ms - begin) / 1000, 0, INT32_MAX) : 0);
  std::int32_t number = first, slots_taken = 0;
  std::byte* made = entry(first);
  for (const std::int32_t hash : hashes.first(fitting)) {
    std::byte* const head = slot(hash % shape_.slots);
    std::int32_t previous = load_big<std::int32_t>(head);
    if (previous <= 0 || previous > number) previous = 0;
    store_big(made, hash);
    store_big(made + 4, physical_offset.value);
    store_big(made + 12, seconds);
    store_big(made + 16, previous);
    store_big(head, number);
    slots_taken += previous == 0 ? 1 : 0;
    made += 20;
    if (number++ > 1) continue;
    // As in RocketMQ, the first entry of a file counts from the file before it.
    store_big(header + kBeginTime, store_timestamp_ms);
    store_big(header + kBeginOffset, physical_offset.value);
    seconds = 0;
  }
  if (slots_taken > 0) store_big(header + kSlotCount, load_big<std::int32_t>(header + kSlotCount) + slots_taken);
  store_big(header + kEndTime, store_timestamp_ms);
  store_big(header + kEndOffset, physical_offset.value);
  store_big(header + kIndexCount, number);
  return fitting;
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
    const auto previous = load_big<std::int32_t>(found + 16);
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
