// SPDX-License-Identifier: Apache-2.0
// How a queue keeps its extension in step with its entries.
#include <algorithm>
#include <array>

#include "logstore/consume_queue.hpp"

namespace tenon::logstore {
namespace {

/// That are looked at where the oldest or newest is wanted.
constexpr auto kAddressesMax = static_cast<std::int64_t>(QueueFiles::kReadMax);

}  // namespace

std::string ConsumeQueue::extension_directory() const {
  return (StoreLayout(storage_.options).consume_queue_extension / topic() / std::to_string(queue_id_)).string();
}

Status ConsumeQueue::load_extension() {
  if (!extension_) {
    if (!storage_.file_system.exists(extension_directory())) return {};
    extension_ = std::make_unique<QueueExtension>(storage_, extension_directory());
  }
  if (Status loaded = extension_->load(); !loaded) return loaded;
  if (!extension_->is_written()) return {};
  const auto newest = newest_extension_address();
  if (Status found = extension_->find_end(newest); !found) return found;
  if (newest) extension_->begin_behind(*newest);
  return left_until_ > max() ? cut_extension() : Status{};
}

/// Shows `visit` the addresses of the units of the entries from `at` on, until it returns false. False when entries
/// cannot be read.
template <class Visit>
bool ConsumeQueue::visit_extension_addresses(std::int64_t at, std::int64_t until, const Visit& visit) const {
  std::array<IndexEntry, kAddressesMax> entries;
  while (at < until) {
    const std::size_t got = read(at, entries);
    if (got == 0) return false;
    for (const IndexEntry& entry : std::span(entries).first(got)) {
      if (is_extension_address(entry.tags_code) && !visit(entry.tags_code)) return true;
    }
    at += static_cast<std::int64_t>(got);  // a read may end at the end of a block, or of a file
  }
  return true;
}

/// Of the newest entry that has one, among the last.
std::optional<std::int64_t> ConsumeQueue::newest_extension_address() const {
  std::optional<std::int64_t> newest;
  const std::int64_t until = max();
  (void)visit_extension_addresses(std::max(min(), until - kAddressesMax), until, [&newest](std::int64_t address) {
    newest = address;
    return true;
  });
  return newest;
}

/// After the entries were cut. Where it cannot be told what else may go, nothing does: units without an entry harm
/// nobody.
Status ConsumeQueue::cut_extension() {
  if (!extension_ || !extension_->is_written()) return {};
  const auto newest = newest_extension_address();
  return newest || max() == min() ? extension_->cut(newest) : Status{};
}

/// After files of entries were deleted. An extension that is written no more goes with the last entry that has a unit,
/// and not before: written again some day, it would give the addresses of the rest to other units.
Status ConsumeQueue::drop_extension() {
  if (!extension_) return {};
  const std::int64_t begin = min();
  const std::int64_t until = extension_->is_written() ? std::min(max(), begin + kAddressesMax) : max();
  std::optional<std::int64_t> oldest;
  const bool all_read = visit_extension_addresses(begin, until, [&oldest](std::int64_t address) {
    oldest = address;
    return false;
  });
  if (oldest) return extension_->drop_before(*oldest);
  return all_read && !extension_->is_written() ? extension_->remove_all() : Status{};
}

}  // namespace tenon::logstore
