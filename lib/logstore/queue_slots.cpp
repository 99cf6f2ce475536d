// SPDX-License-Identifier: Apache-2.0
#include "logstore/queue_slots.hpp"

namespace tenon::logstore {
namespace {
constexpr std::size_t kSlotsMin = 8;

std::size_t hash_of(const ConsumeQueue& queue) { return QueueKey(queue.topic(), queue.queue_id()).hash; }
}  // namespace

void QueueSlots::insert(ConsumeQueue& queue) {
  const std::size_t hash = hash_of(queue);
  tables_[hash >> (64 - kTablesLog)].insert(hash, queue);
  used_.fetch_add(1, std::memory_order_relaxed);
}

void QueueSlots::Table::insert(std::size_t hash, ConsumeQueue& queue) {
  if (all.empty() || 2 * (used + 1) > all.back()->slots.size()) {
    auto larger = std::make_unique<Slots>(all.empty() ? kSlotsMin : 2 * all.back()->slots.size());
    if (!all.empty()) {
      for (const Slot& slot : all.back()->slots) {
        if (slot.queue != nullptr) larger->put(slot.hash, slot.queue);
      }
    }
    all.push_back(std::move(larger));
    current.store(all.back().get(), std::memory_order_release);
  }
  all.back()->put(hash, &queue);
  ++used;
}

void QueueSlots::erase(const ConsumeQueue& queue) noexcept {
  const std::size_t hash = hash_of(queue);
  Table& table = tables_[hash >> (64 - kTablesLog)];
  table.all.back()->erase(hash, &queue);
  --table.used;
  used_.fetch_sub(1, std::memory_order_relaxed);
}

void QueueSlots::Slots::put(std::size_t hash, ConsumeQueue* queue) noexcept {
  std::size_t place = hash & mask;
  while (slots[place].queue != nullptr) place = (place + 1) & mask;
  slots[place].hash = hash;
  slots[place].queue = queue;
}

/// Those behind it move up, so that no search ends before what it looks for.
void QueueSlots::Slots::erase(std::size_t hash, const ConsumeQueue* queue) noexcept {
  std::size_t free = hash & mask;
  while (slots[free].queue != queue) free = (free + 1) & mask;
  for (std::size_t next = (free + 1) & mask; slots[next].queue != nullptr; next = (next + 1) & mask) {
    const std::size_t moved_by = (next - slots[next].hash) & mask;  // from where it belongs
    if (moved_by < ((next - free) & mask)) continue;
    slots[free].hash = slots[next].hash.load();
    slots[free].queue = slots[next].queue.load();
    free = next;
  }
  slots[free].queue = nullptr;
}

}  // namespace tenon::logstore
