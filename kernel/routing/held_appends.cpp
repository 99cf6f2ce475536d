// SPDX-License-Identifier: Apache-2.0
#include "routing/held_appends.hpp"

#include <algorithm>
#include <vector>

namespace tenon::kernel {

void HeldAppends::wire(ReadableEnd& end, Tell tell) {
  end_ = &end;
  tell_ = std::move(tell);
  bounded_ = end.readable_end() != ReadableEnd::kUnbounded;
  end.on_moved([this](PhysicalOffset moved_to) { moved(moved_to); });
}

bool HeldAppends::hold_back(std::string_view topic, std::int32_t queue_id, const AppendReceipt& receipt) {
  if (receipt.physical_end <= end_->readable_end()) return false;
  {
    const std::scoped_lock lock(mutex_);
    const QueueKeyView key{topic, queue_id};
    auto held = queues_.find(key);
    if (held == queues_.end()) held = queues_.try_emplace(QueueKey(key), Stretch{receipt.physical_offset, {}}).first;
    held->second.begin = std::min(held->second.begin, receipt.physical_offset);
    held->second.end = std::max(held->second.end, receipt.physical_end);
  }
  // It may have moved before this was listed; then it is told of here.
  if (const PhysicalOffset end = end_->readable_end(); receipt.physical_end <= end) moved(end);
  return true;
}

void HeldAppends::moved(PhysicalOffset end) {
  bounded_.store(end != ReadableEnd::kUnbounded, std::memory_order_relaxed);
  std::vector<QueueKey> readable;
  {
    const std::scoped_lock lock(mutex_);
    for (auto held = queues_.begin(); held != queues_.end();) {
      const auto here = held++;
      Stretch& stretch = here->second;
      if (stretch.begin >= end) continue;
      readable.push_back(here->first);
      stretch.begin = end;
      if (stretch.end <= end) queues_.erase(here);
    }
  }
  for (const QueueKey& queue : readable) tell_(queue.topic, queue.queue_id);
}

}  // namespace tenon::kernel
