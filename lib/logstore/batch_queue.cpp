// SPDX-License-Identifier: Apache-2.0
#include "logstore/batch_queue.hpp"

#include <algorithm>
#include <array>
#include <utility>
#include <vector>

namespace tenon::logstore {
namespace {

constexpr std::size_t kUnitsAtOnce = 1024;

std::string directory_of(const QueueStorage& storage, const std::string& topic, std::int32_t queue_id) {
  return (StoreLayout(storage.options).batch_consume_queue / topic / std::to_string(queue_id)).string();
}

}  // namespace

BatchQueue::BatchQueue(const QueueStorage& storage, std::string topic, std::int32_t queue_id)
    : topic_(std::move(topic)),
      queue_id_(queue_id),
      files_(storage, directory_of(storage, topic_, queue_id),
             {kBatchUnitSize, storage.options.batch_consume_queue_file_units}) {}

void BatchQueue::push(const BatchUnit& unit) {
  const std::lock_guard lock(mutex_);
  const std::int64_t end = end_.load(std::memory_order_relaxed);
  if (end == begin_.load(std::memory_order_relaxed)) min_.store(unit.base, std::memory_order_release);
  pending_.push_back(unit);
  end_.store(end + 1, std::memory_order_release);
  max_.store(unit.end(), std::memory_order_release);
}

std::optional<BatchUnit> BatchQueue::unit(std::int64_t position) const {
  const auto found = look_up(position);
  return found && is_valid(*found) ? std::optional(*found) : std::nullopt;
}

Result<BatchUnit> BatchQueue::look_up(std::int64_t position) const {
  const std::shared_lock files(files_mutex_);
  if (const auto pending = pending_unit(position)) return *pending;
  return look_up_in_files(position);
}

/// Empty below the pending ones, zeros behind them. files_mutex_ held.
std::optional<BatchUnit> BatchQueue::pending_unit(std::int64_t position) const {
  const std::lock_guard lock(mutex_);
  if (position < pending_begin_) return std::nullopt;
  const auto at = static_cast<std::size_t>(position - pending_begin_);
  return at < pending_.size() ? pending_[at] : BatchUnit{};
}

/// files_mutex_ held.
Result<BatchUnit> BatchQueue::look_up_in_files(std::int64_t position) const {
  std::array<std::byte, kBatchUnitSize> bytes{};
  const auto read = files_.read_units(position, bytes);
  if (!read) return read.error();
  return decode_unit(bytes.data());
}

Result<PhysicalOffset> BatchQueue::first_physical_offset() const {
  for (std::int64_t at = begin(); at < end();) {
    const auto first = look_up(at);
    if (!first) return first.error();
    if (is_valid(*first)) return first->physical_offset;
    const std::int64_t next = begin();  // retention may have deleted it meanwhile
    if (next == at) return Error(Errc::io, text(files_.directory(), ": the first unit cannot be read"));
    at = next;
  }
  return PhysicalOffset{0};
}

std::optional<std::int64_t> BatchQueue::find(std::int64_t offset, ReadWait wait) const {
  return find_first(
      end(), [offset](const BatchUnit& unit) { return unit.end() > offset; }, wait);
}

bool BatchQueue::is_at_hand(std::int64_t position) const {
  const std::shared_lock files(files_mutex_);
  {
    const std::lock_guard lock(mutex_);
    if (position >= pending_begin_) return true;
  }
  return files_.is_at_hand(position, 1);
}

void BatchQueue::will_need(std::int64_t position) const {
  const std::shared_lock files(files_mutex_);
  std::int64_t in_files_until = 0;
  {
    const std::lock_guard lock(mutex_);
    in_files_until = pending_begin_;
  }
  if (position < in_files_until) files_.will_need(position, in_files_until);
}

std::size_t BatchQueue::unspilled() const {
  const std::lock_guard lock(mutex_);
  return pending_.size();
}

Status BatchQueue::spill() {
  const std::unique_lock files(files_mutex_);
  return spill_locked();
}

Status BatchQueue::spill_locked() {
  while (!files_removed_) {
    std::vector<std::byte> together;
    std::int64_t at = 0;
    std::size_t count = 0;
    {
      const std::lock_guard lock(mutex_);
      at = pending_begin_;
      count = std::min(pending_.size(), kUnitsAtOnce);
      together.resize(count * kBatchUnitSize);
      for (std::size_t index = 0; index < count; ++index)
        encode_unit(pending_[index], together.data() + index * kBatchUnitSize);
    }
    if (count == 0) return {};
    if (Status written = files_.write(at, together); !written) return written;
    changed_from_ = std::min(changed_from_.value_or(at), at);
    const std::lock_guard lock(mutex_);
    pending_.erase(pending_.begin(), pending_.begin() + static_cast<std::ptrdiff_t>(count));
    pending_begin_ += static_cast<std::int64_t>(count);
  }
  return {};
}

Status BatchQueue::sync() {
  std::optional<std::int64_t> from;
  {
    const std::unique_lock files(files_mutex_);
    if (files_removed_) return {};
    from = std::exchange(changed_from_, std::nullopt);
  }
  if (!from) return {};
  // Readers go on meanwhile.
  const std::shared_lock files(files_mutex_);
  return files_.sync(*from, files_.end());
}

}  // namespace tenon::logstore
