// SPDX-License-Identifier: Apache-2.0
#include "storetools/queues_that_stay.hpp"

#include <optional>
#include <utility>

#include "logstore/batch_unit.hpp"
#include "logstore/queue_entry.hpp"
#include "logstore/queue_table.hpp"
#include "storetools/reading_file_system.hpp"

namespace tenon::storetools {
namespace {

namespace fs = std::filesystem;

/// An empty file: the last of a queue, any of an extension.
bool is_removed_by_a_start(const fs::path& kind, const logstore::DirectoryEntry& entry,
                           const std::vector<logstore::DirectoryEntry>& beside) {
  return entry.size == 0 && (kind.filename() == "consumequeue_ext" || entry.name == beside.back().name);
}

/// Where the files of a queue begin that follow one another to its end: a broker opens no queue with a gap.
std::int64_t base_behind_gaps(const std::vector<logstore::DirectoryEntry>& entries, std::int64_t usual) {
  std::optional<std::int64_t> before;
  std::int64_t first = 0;
  for (const auto& entry : entries) {
    const auto base = logstore::parse_offset_file_name(entry.name);
    if (entry.is_directory || !base || *base % usual != 0) continue;
    if (entry.size == 0 && entry.name == entries.back().name) continue;  // a start removes it
    if (before && *base != *before + usual) first = *base;
    before = base;
  }
  return first;
}

/// `usual`: the length of its files, in bytes.
Status look_at_kind(const fs::path& kind, std::int64_t usual, const std::set<fs::path>& made, QueuesThatStay& stay) {
  const auto directories = logstore::list_queues(reading_file_system(), kind);
  if (!directories) return directories.error();
  for (const auto& [topic, queue_ids] : *directories) {
    for (const std::int32_t id : queue_ids) {
      const fs::path queue = kind / topic / std::to_string(id);
      if (made.contains(queue)) continue;
      const auto entries = reading_file_system().list(queue);
      if (!entries) return entries.error();
      const bool is_joined = kind.filename() != "consumequeue_ext";
      const std::int64_t first = is_joined ? base_behind_gaps(*entries, usual) : 0;
      for (const auto& entry : *entries) {
        const auto base = logstore::parse_offset_file_name(entry.name);
        if (entry.is_directory || !base || *base % usual != 0 || *base < first) {
          stay.foreign_files.push_back(queue / entry.name);
        } else if (entry.size != usual && !is_removed_by_a_start(kind, entry, *entries)) {
          stay.wrong_lengths.push_back({queue / entry.name, usual});
        }
      }
    }
  }
  return {};
}

}  // namespace

Result<QueuesThatStay> look_at_queues_that_stay(const logstore::StoreOptions& options, const std::set<fs::path>& made) {
  const logstore::StoreLayout layout(options);
  const std::pair<fs::path, std::int64_t> kinds[] = {
      {layout.consume_queue, options.consume_queue_file_entries * logstore::kQueueEntrySize},
      {layout.batch_consume_queue, options.batch_consume_queue_file_units * logstore::kBatchUnitSize},
      {layout.consume_queue_extension, options.consume_queue_extension_file_size}};
  QueuesThatStay stay;
  for (const auto& [kind, usual] : kinds) {
    if (Status looked = look_at_kind(kind, usual, made, stay); !looked) return looked.error();
  }
  return stay;
}

}  // namespace tenon::storetools
