// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "logstore/queue_extension.hpp"
#include "storetools/deleted_topics.hpp"
#include "storetools/log_reader.hpp"
#include "tenon/filter.hpp"

namespace tenon::storetools {

/// Compares the consume queues of a stopped store with its commit log: first every record is shown to expect(), then
/// finish() looks at what no record has asked for. Entries that have a unit in an extension must have the right one.
/// Queues of 20-byte entries only, see BatchQueueCheck. Source: ../shared/reference/store-format.md 3. Threads: one.
class QueueCheck {
 public:
  /// Records from `recovered_from` on are read again by the next start, so entries they lack are only a note.
  /// `log` and `deleted` outlive this.
  QueueCheck(std::filesystem::path root, const LogReader& log, PhysicalOffset recovered_from, DeletedTopics& deleted,
             Findings& findings);

  /// Lists all queues. Error: io.
  Status open();
  void expect(const record::RecordView& view);
  /// `end`: of the log. Entries that point at no record of theirs are damage.
  void finish(PhysicalOffset end);

  std::int64_t queues() const noexcept { return static_cast<std::int64_t>(queues_.size()); }
  std::int64_t entries() const noexcept { return entries_; }

 private:
  struct File {
    std::int64_t first = 0;  ///< Queue offset of its first entry.
    std::filesystem::path path;
    std::int64_t size = 0;
  };
  /// The first entry of a queue, when it is that of its record.
  struct Beginning {
    std::int64_t queue_offset = 0;
    PhysicalOffset physical_offset;
  };
  struct Queue {
    std::string topic;
    std::int32_t id = 0;
    std::filesystem::path directory;
    std::vector<File> files;
    std::int64_t matched = 0;
    std::optional<std::optional<Beginning>> beginning;  ///< Empty as long as nobody asked.
    InputFile open;                                     ///< The file that was looked at last.
    std::size_t open_index = SIZE_MAX;
    std::unique_ptr<logstore::QueueExtension> extension;  ///< nullptr where there is none.
  };
  struct Found {
    IndexEntry entry;
    const File* file = nullptr;
    std::int64_t position = 0;
  };

  Status open_queue(const std::string& topic, const std::filesystem::path& directory, std::int32_t id);
  void check_lengths();
  Status check_extension_lengths();
  void expect_entry(std::string_view topic, std::int32_t id, std::int64_t at, const record::RecordView& view);
  void expect_light_entries(const record::RecordView& view);
  std::span<const std::byte> bytes_of(Queue& queue, std::size_t file);
  bool find(Queue& queue, std::int64_t at, Found& found);
  void check_unit(const Queue& queue, const Found& found, const record::RecordView& view);
  std::int64_t walk(Queue& queue, PhysicalOffset end, bool name_them);
  bool is_its_own(const Queue& queue, std::int64_t at, const IndexEntry& entry) const;
  std::optional<Beginning> find_beginning(Queue& queue);
  bool is_of_earlier_topic(Queue& queue, std::int64_t at, PhysicalOffset record);
  Severity severity_of(const record::RecordView& view) const {
    return view.physical_offset() >= recovered_from_ ? Severity::note : Severity::damage;
  }

  std::filesystem::path root_;
  const logstore::StoreOptions options_;  ///< Its sizes mean nothing: nothing is written.
  logstore::DescriptorCache descriptors_;
  const logstore::QueueStorage storage_;
  const LogReader& log_;
  PhysicalOffset recovered_from_;
  DeletedTopics& deleted_;
  Findings& findings_;
  std::map<std::pair<std::string, std::int32_t>, Queue, std::less<>> queues_;
  Queue* last_ = nullptr;
  std::vector<Queue*> opened_;
  std::int64_t entries_ = 0;
  bool has_light_queues_ = false;  ///< Without, a store does not look for entries in them either.
};

}  // namespace tenon::storetools
