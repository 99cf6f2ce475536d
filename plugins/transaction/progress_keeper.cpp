// SPDX-License-Identifier: Apache-2.0
#include "progress_keeper.hpp"

#include <algorithm>
#include <chrono>
#include <condition_variable>
#include <mutex>
#include <utility>

#include "names.hpp"

namespace tenon::transaction {

ProgressKeeper::Progress ProgressKeeper::now() {
  Progress progress;
  progress.halves = parts_.ledger->progress(parts_.store->bounds(kHalfTopic, kQueue).max);
  const QueueOffset saved = parts_.offsets->find(kGroup, kOpTopic, kQueue).value_or(QueueOffset{});
  const QueueBounds ops = parts_.store->bounds(kOpTopic, kQueue);
  ops_ = parts_.ops->progress(progress.halves, std::max(ops_, std::clamp(saved, ops.min, ops.max)));
  progress.ops = ops_;
  progress.log_end = parts_.store->status().max_physical_offset;  // asked last, so it covers what was counted
  return progress;
}

bool ProgressKeeper::is_safe(const Progress& progress) const {
  return parts_.store->status().flushed_physical_offset >= progress.log_end &&
         parts_.delivery->is_safe(progress.log_end);
}

void ProgressKeeper::save() {
  const Progress present = now();
  if (is_safe(present)) {
    held_.reset();
    return write(present);
  }
  if (held_ && is_safe(*held_)) {
    write(*held_);
    held_.reset();
  }
  if (!held_) held_ = present;
}

void ProgressKeeper::save_at_end() {
  constexpr std::chrono::milliseconds step{10};
  constexpr int steps = 200;
  const Progress last = now();
  std::mutex mine;
  std::unique_lock lock(mine);
  std::condition_variable nobody;
  for (int turn = 0; turn < steps && !is_safe(last); ++turn) nobody.wait_for(lock, step);
  if (is_safe(last)) {
    write(last);
  } else if (held_ && is_safe(*held_)) {
    write(*held_);
  }
}

void ProgressKeeper::write(const Progress& progress) const {
  for (const auto& [topic, offset] : {std::pair(kHalfTopic, progress.halves), std::pair(kOpTopic, progress.ops)}) {
    const auto before = parts_.offsets->find(kGroup, topic, kQueue);
    if (before ? *before == offset : parts_.store->bounds(topic, kQueue).max.value == 0) continue;  // nothing new
    if (const auto saved = parts_.offsets->commit(kGroup, topic, kQueue, offset); !saved) {
      parts_.host->log().warn("cannot save the progress of transactions: ", saved.error().message());
    }
  }
}

}  // namespace tenon::transaction
