// SPDX-License-Identifier: Apache-2.0
// How a queue keeps its extension in step with its entries.
#include <algorithm>
#include <array>

#include "logstore/consume_queue.hpp"

namespace tenon::logstore {

std::string ConsumeQueue::extension_directory() const {
  return (StoreLayout(storage_.options).consume_queue_extension / topic_ / std::to_string(queue_id_)).string();
}

Status ConsumeQueue::load_extension() {
  if (!extension_) {
    if (!storage_.file_system.exists(extension_directory())) return {};
    extension_ = std::make_unique<QueueExtension>(storage_, extension_directory());
  }
  if (Status loaded = extension_->load(); !loaded) return loaded;
  if (const auto newest = extension_address(From::newest); newest && extension_->is_written())
    extension_->begin_behind(*newest);
  return {};
}

/// Address of the unit of the oldest or newest entry that has one, among those of one look into the files.
std::optional<std::int64_t> ConsumeQueue::extension_address(From end) const {
  constexpr auto kLook = static_cast<std::int64_t>(QueueFiles::kReadMax);
  std::array<IndexEntry, QueueFiles::kReadMax> entries;
  const std::int64_t until = max();
  const std::int64_t begin = end == From::oldest ? min() : std::max(min(), until - kLook);
  std::optional<std::int64_t> address;
  // A read may end at the end of a block, or of a file.
  for (std::int64_t at = begin; at < std::min(until, begin + kLook);) {
    const std::size_t got = read(at, entries);
    if (got == 0) break;
    for (const IndexEntry& entry : std::span(entries).first(got)) {
      if (!is_extension_address(entry.tags_code)) continue;
      address = entry.tags_code;
      if (end == From::oldest) return address;
    }
    at += static_cast<std::int64_t>(got);
  }
  return address;
}

/// After the entries were cut. Where it cannot be told what else may go, nothing does: units without an entry harm
/// nobody.
Status ConsumeQueue::cut_extension() {
  if (!extension_ || !extension_->is_written()) return {};
  const auto newest = extension_address(From::newest);
  return newest || max() == min() ? extension_->cut(newest) : Status{};
}

/// After files of entries were deleted.
Status ConsumeQueue::drop_extension() {
  if (!extension_) return {};
  const auto oldest = extension_address(From::oldest);
  if (oldest) return extension_->drop_before(*oldest);
  const bool is_used = extension_->is_written() || extension_address(From::newest);
  return is_used ? Status{} : extension_->remove_all();
}

}  // namespace tenon::logstore
