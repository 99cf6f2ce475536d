// SPDX-License-Identifier: Apache-2.0
#include "routing/held_appends.hpp"

#include <algorithm>
#include <vector>

namespace tenon::kernel {

void HeldAppends::wire(ReadableEnd& end, Tell tell, std::function<void()> tell_of_all) {
  end_ = &end;
  tell_ = std::move(tell);
  tell_of_all_ = std::move(tell_of_all);
  bounded_ = end.readable_end() != ReadableEnd::kUnbounded;
  end.on_moved([this](PhysicalOffset moved_to) { moved(moved_to); });
}

void HeldAppends::inherit(PhysicalOffset end) {
  if (end_ == nullptr || end_->readable_end() == ReadableEnd::kUnbounded) return;
  {
    const std::scoped_lock lock(mutex_);
    unlisted_ = {end_->readable_end(), end};
  }
  tell_of_all_();  // of moves that came before
}

bool HeldAppends::hold_back(std::string_view topic, std::int32_t queue_id, const AppendReceipt& receipt) {
  if (receipt.physical_end <= end_->readable_end()) return false;
  {
    const std::scoped_lock lock(mutex_);
    const QueueKeyView key{topic, queue_id};
    auto held = queues_.find(key);
    if (held == queues_.end() && queues_.size() < kQueuesMax) {
      held = queues_.try_emplace(QueueKey(key), Stretch{receipt.physical_offset, {}}).first;
    }
    if (held == queues_.end()) {
      hold_unlisted(receipt);
    } else {
      held->second.begin = std::min(held->second.begin, receipt.physical_offset);
      held->second.end = std::max(held->second.end, receipt.physical_end);
    }
  }
  // It may have moved before this was listed; then it is told of here.
  if (const PhysicalOffset end = end_->readable_end(); receipt.physical_offset < end) moved(end);
  return true;
}

void HeldAppends::hold_unlisted(const AppendReceipt& receipt) noexcept {
  const bool is_first = unlisted_.begin >= unlisted_.end;
  unlisted_.begin = is_first ? receipt.physical_offset : std::min(unlisted_.begin, receipt.physical_offset);
  unlisted_.end = is_first ? receipt.physical_end : std::max(unlisted_.end, receipt.physical_end);
}

void HeldAppends::moved(PhysicalOffset end) {
  bounded_.store(end != ReadableEnd::kUnbounded, std::memory_order_relaxed);
  std::vector<QueueKey> readable;
  bool has_unlisted = false;
  {
    const std::scoped_lock lock(mutex_);
    has_unlisted = unlisted_.begin < unlisted_.end && unlisted_.begin < end;
    if (has_unlisted) unlisted_.begin = end;
    for (auto held = queues_.begin(); held != queues_.end();) {
      const auto here = held++;
      Stretch& stretch = here->second;
      if (stretch.begin >= end) continue;
      readable.push_back(here->first);
      stretch.begin = end;
      if (stretch.end <= end) queues_.erase(here);
    }
  }
  if (has_unlisted) tell_of_all_();
  for (const QueueKey& queue : readable) tell_(queue.topic, queue.queue_id);
}

}  // namespace tenon::kernel
