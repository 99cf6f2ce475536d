// SPDX-License-Identifier: Apache-2.0
#include "logstore/file_sizes.hpp"

#include <algorithm>
#include <array>

#include "logstore/batch_unit.hpp"
#include "logstore/queue_entry.hpp"
#include "record/layout.hpp"

namespace tenon::logstore {
namespace {

constexpr std::int64_t kHeaderSize = 40, kSlotSize = 4, kEntrySize = 20;
constexpr std::int32_t kProbes = 16;
/// Of files that are smaller than this every possible shape is tried; larger ones have the default, or nobody knows.
constexpr std::int64_t kTriedMax = 64LL << 20;

std::optional<std::int32_t> integer_at(const File& file, std::int64_t at) {
  std::array<std::byte, 4> bytes{};
  const auto got = file.read_at(at, bytes);
  if (!got || *got != bytes.size()) return std::nullopt;
  return record::load_big<std::int32_t>(bytes.data());
}

/// Whether the newest entries can be found from the slots that their hashes name.
bool fits(const File& file, const IndexShape& shape, std::int32_t count) {
  const std::int64_t entries = kHeaderSize + kSlotSize * shape.slots;
  if (count > shape.entries) return false;
  for (std::int32_t number = count - 1; number > 0 && number >= count - kProbes; --number) {
    const auto hash = integer_at(file, entries + kEntrySize * number);
    if (!hash || *hash < 0) return false;
    auto at = integer_at(file, kHeaderSize + kSlotSize * (*hash % shape.slots));
    // Newer entries of the slot hang before it.
    for (std::int32_t steps = 0; at && *at > number && *at < count && steps <= kProbes; ++steps)
      at = integer_at(file, entries + kEntrySize * *at + 16);
    if (!at || *at != number) return false;
  }
  return true;
}

Result<std::optional<std::int64_t>> first_file_size(FileSystem& file_system, const std::filesystem::path& directory) {
  const auto entries = file_system.list(directory);
  if (!entries) return entries.error();
  for (const DirectoryEntry& entry : *entries) {
    if (!entry.is_directory && entry.size > 0 && parse_offset_file_name(entry.name)) return std::optional(entry.size);
  }
  return std::optional<std::int64_t>();
}

/// A single file counts when a record was written to it: both brokers may be killed while they make the first.
Result<std::optional<std::int64_t>> log_file_size(FileSystem& file_system, const std::filesystem::path& directory) {
  const auto entries = file_system.list(directory);
  if (!entries) return entries.error();
  const auto size = log_file_size_of(*entries);
  if (size) return size;
  for (const DirectoryEntry& entry : *entries) {
    if (entry.is_directory || !parse_offset_file_name(entry.name)) continue;
    const auto file = file_system.open(directory / entry.name, FileSystem::OpenMode::existing);
    if (!file) return file.error();
    if (integer_at(**file, record::position::total_size).value_or(0) != 0) return std::optional(entry.size);
  }
  return std::optional<std::int64_t>();
}

Result<std::optional<std::int64_t>> queue_file_size(FileSystem& file_system, const std::filesystem::path& root) {
  const auto topics = file_system.list(root);
  if (!topics) return topics.error();
  for (const DirectoryEntry& topic : *topics) {
    if (!topic.is_directory) continue;
    // Nearly each topic has one: there may be tens of thousands to list.
    auto of_first = first_file_size(file_system, root / topic.name / "0");
    if (of_first && of_first->has_value()) return of_first;
    const auto queues = file_system.list(root / topic.name);
    if (!queues) return queues.error();
    for (const DirectoryEntry& queue : *queues) {
      if (!queue.is_directory) continue;
      auto size = first_file_size(file_system, root / topic.name / queue.name);
      if (!size || size->has_value()) return size;
    }
  }
  return std::optional<std::int64_t>();
}

Result<std::optional<IndexShape>> index_shape(FileSystem& file_system, const std::filesystem::path& directory) {
  const auto entries = file_system.list(directory);
  if (!entries) return entries.error();
  for (const DirectoryEntry& entry : *entries) {
    const bool named = std::all_of(entry.name.begin(), entry.name.end(), [](char c) { return c >= '0' && c <= '9'; });
    if (entry.is_directory || !named || entry.size <= kHeaderSize) continue;
    const auto file = file_system.open(directory / entry.name, FileSystem::OpenMode::existing);
    if (!file) return file.error();
    if (auto shape = find_index_shape(**file, entry.size)) return std::optional(*shape);
  }
  return std::optional<IndexShape>();
}

}  // namespace

std::optional<std::int64_t> log_file_size_of(std::span<const DirectoryEntry> entries) {
  std::optional<std::int64_t> before, distance;
  std::int64_t longest = 0;
  for (const DirectoryEntry& entry : entries) {
    const auto base = parse_offset_file_name(entry.name);
    if (entry.is_directory || !base) continue;
    if (before) distance = std::min(distance.value_or(INT64_MAX), *base - *before);
    longest = std::max(longest, entry.size);
    before = base;
  }
  if (!distance) return std::nullopt;
  const bool gaps_only = longest > 0 && *distance % longest == 0;
  return gaps_only ? longest : distance;
}

std::optional<IndexShape> find_index_shape(const File& file, std::int64_t size) {
  if (const IndexShape usual; usual.file_size() == size) return usual;
  const auto count = integer_at(file, 36);
  if (size > kTriedMax || !count || *count <= 1) return std::nullopt;
  std::optional<IndexShape> found;
  // The entries take a multiple of 20 bytes, so only every fifth number of slots is possible.
  for (std::int64_t slots = 1; kHeaderSize + kSlotSize * slots < size; ++slots) {
    const std::int64_t rest = size - kHeaderSize - kSlotSize * slots;
    if (rest % kEntrySize != 0) continue;
    const IndexShape shape{static_cast<std::int32_t>(slots), static_cast<std::int32_t>(rest / kEntrySize)};
    if (!fits(file, shape, *count)) continue;
    if (found) return std::nullopt;
    found = shape;
  }
  return found;
}

Result<FileSizes> find_file_sizes(FileSystem& file_system, const StoreLayout& layout) {
  FileSizes sizes;
  const auto log = log_file_size(file_system, layout.commit_log);
  if (!log) return log.error();
  sizes.commit_log_file = *log;
  const auto queue = queue_file_size(file_system, layout.consume_queue);
  if (!queue) return queue.error();
  if (*queue && **queue % kQueueEntrySize == 0) sizes.consume_queue_file_entries = **queue / kQueueEntrySize;
  const auto extension = queue_file_size(file_system, layout.consume_queue_extension);
  if (!extension) return extension.error();
  sizes.consume_queue_extension_file = *extension;
  const auto batches = queue_file_size(file_system, layout.batch_consume_queue);
  if (!batches) return batches.error();
  if (*batches && **batches % kBatchUnitSize == 0) sizes.batch_consume_queue_file_units = **batches / kBatchUnitSize;
  const auto index = index_shape(file_system, layout.index);
  if (!index) return index.error();
  sizes.index = *index;
  return sizes;
}

Status take_sizes_from_files(FileSystem& file_system, StoreOptions& options) {
  const SizesFromFiles& asked = options.sizes_from_files;
  if (!asked.commit_log && !asked.consume_queue && !asked.consume_queue_extension && !asked.index &&
      !asked.batch_consume_queue)
    return {};
  const auto found = find_file_sizes(file_system, StoreLayout(options));
  if (!found) return found.error();
  if (asked.commit_log && found->commit_log_file) options.commit_log_file_size = *found->commit_log_file;
  if (asked.consume_queue && found->consume_queue_file_entries)
    options.consume_queue_file_entries = *found->consume_queue_file_entries;
  if (asked.consume_queue_extension && found->consume_queue_extension_file)
    options.consume_queue_extension_file_size = *found->consume_queue_extension_file;
  if (asked.batch_consume_queue && found->batch_consume_queue_file_units)
    options.batch_consume_queue_file_units = *found->batch_consume_queue_file_units;
  if (asked.index && found->index) {
    options.index_slots = found->index->slots;
    options.index_entries = found->index->entries;
  }
  return {};
}

}  // namespace tenon::logstore
