// SPDX-License-Identifier: Apache-2.0
#include "queue_scan.hpp"

#include "tenon/filter.hpp"

namespace tenon::delay {
namespace {

/// Takes every entry down and matches none, so that the store reads no record. For one read() on one thread.
class EntryCollector final : public CompiledFilter {
 public:
  explicit EntryCollector(std::vector<IndexEntry>& entries) : entries_(entries) {}
  bool match_index(const IndexEntry& entry) const noexcept override {
    entries_.push_back(entry);
    return false;
  }
  bool needs_properties() const noexcept override { return false; }
  bool match_properties(const PropertiesView&) const noexcept override { return false; }

 private:
  std::vector<IndexEntry>& entries_;
};

}  // namespace

QueueScan scan_queue(const MessageStore& store, std::string_view topic, std::int32_t queue_id, std::int64_t offset) {
  QueueScan scan;
  const EntryCollector collector(scan.entries);
  ReadRequest request;
  request.topic = topic;
  request.queue_id = queue_id;
  request.offset = QueueOffset{offset};
  request.filter = &collector;
  const ReadResult result = store.read(request);
  switch (result.status) {
    case ReadStatus::no_message_in_queue:
    case ReadStatus::offset_overflow_one:
      scan.next_offset = offset;
      break;
    default:
      scan.next_offset = result.next_queue_offset.value;
  }
  return scan;
}

}  // namespace tenon::delay
