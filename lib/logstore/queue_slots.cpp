// SPDX-License-Identifier: Apache-2.0
#include "logstore/queue_slots.hpp"

namespace tenon::logstore {
namespace {
constexpr std::size_t kSlotsMin = 64;
}  // namespace

void QueueSlots::insert(ConsumeQueue& queue) {
  if (all_.empty() || 2 * (used_ + 1) > all_.back()->slots.size()) {
    auto larger = std::make_unique<Slots>(all_.empty() ? kSlotsMin : 2 * all_.back()->slots.size());
    if (!all_.empty()) {
      for (const Slot& slot : all_.back()->slots) {
        if (slot.queue != nullptr) larger->put(slot.hash, slot.queue);
      }
    }
    all_.push_back(std::move(larger));
    current_.store(all_.back().get(), std::memory_order_release);
  }
  all_.back()->put(QueueKey(queue.topic(), queue.queue_id()).hash, &queue);
  ++used_;
}

void QueueSlots::replace_by(const std::vector<std::shared_ptr<ConsumeQueue>>& queues) {
  if (all_.empty()) return;
  for (Slot& slot : all_.back()->slots) slot.queue = nullptr;
  used_ = 0;
  for (const auto& queue : queues) insert(*queue);
}

void QueueSlots::Slots::put(std::size_t hash, ConsumeQueue* queue) noexcept {
  std::size_t place = hash & mask;
  while (slots[place].queue != nullptr) place = (place + 1) & mask;
  slots[place].hash = hash;
  slots[place].queue = queue;
}

}  // namespace tenon::logstore
