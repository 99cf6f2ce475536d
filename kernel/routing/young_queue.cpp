// SPDX-License-Identifier: Apache-2.0
#include "routing/young_queue.hpp"

#include <unistd.h>

#include <optional>

namespace tenon::kernel {
namespace {

/// Looks at the index entry of one message and lets nothing through, so that no record is touched.
class FirstEntry final : public CompiledFilter {
 public:
  bool match_index(const IndexEntry& entry) const noexcept override {
    if (!offset_) offset_ = entry.physical_offset;
    return false;
  }
  bool needs_properties() const noexcept override { return false; }
  bool match_properties(const PropertiesView&) const noexcept override { return false; }
  std::optional<PhysicalOffset> offset() const noexcept { return offset_; }

 private:
  mutable std::optional<PhysicalOffset> offset_;
};

}  // namespace

bool is_young_queue(const MessageStore& store, std::string_view topic, std::int32_t queue_id,
                    std::int64_t memory_bytes) {
  const QueueBounds bounds = store.bounds(topic, queue_id);
  if (bounds.min.value > 0 || bounds.max.value == 0) return false;
  const std::int64_t resident_bytes = memory_bytes / 100 * 40;
  const StoreStatus status = store.status();
  if (status.max_physical_offset - status.min_physical_offset <= resident_bytes) return true;
  const FirstEntry first;
  ReadRequest request;
  request.topic = topic;
  request.queue_id = queue_id;
  request.max_messages = 1;
  request.filter = &first;
  (void)store.read(request);
  return first.offset() && status.max_physical_offset - *first.offset() <= resident_bytes;
}

std::int64_t machine_memory_bytes() {
  return static_cast<std::int64_t>(::sysconf(_SC_PHYS_PAGES)) * static_cast<std::int64_t>(::sysconf(_SC_PAGESIZE));
}

}  // namespace tenon::kernel
