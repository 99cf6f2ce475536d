// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <mutex>
#include <optional>
#include <utility>

#include "tenon/message_store.hpp"

namespace tenon::delay {

/// Waits until the store has forced everything up to `end` to the disk, two seconds at most. For the end of a process:
/// the store forces by itself within its interval.
void wait_until_flushed(const MessageStore& store, PhysicalOffset end);

/// Progress that may be written down, or told, only when the deliveries it counts are safe: else a power failure would
/// take messages of which the progress says that they were delivered. Holds one older state back until it may be
/// given out. Threads: one at a time.
template <class Progress>
class FlushedProgress {
 public:
  /// The newest state that may be given out now, of the one held and of `current`; empty if there is none.
  /// `is_safe(end)`: what was delivered below `end` is safe.
  template <class IsSafe>
  std::optional<Progress> newest_safe(Progress current, PhysicalOffset delivered_end, const IsSafe& is_safe) {
    if (is_safe(delivered_end)) {
      held_.reset();
      return current;
    }
    std::optional<Progress> safe;
    if (held_ && is_safe(held_->second)) safe = std::move(held_->first);
    if (safe || !held_) held_.emplace(std::move(current), delivered_end);
    return safe;
  }
  /// True while something waits for the disk.
  bool waits() const noexcept { return held_.has_value(); }

 private:
  std::optional<std::pair<Progress, PhysicalOffset>> held_;
};

/// What slaves are told of the progress: never a delivery that they do not have, for whoever of them becomes the master
/// passes by what the progress counts. Threads: any.
template <class Progress>
class ToldProgress {
 public:
  /// What an earlier process wrote down.
  void begin_with(Progress progress) {
    const std::scoped_lock lock(mutex_);
    told_ = std::move(progress);
  }
  template <class IsSafe>
  Progress newest(Progress current, PhysicalOffset delivered_end, const IsSafe& is_safe) {
    const std::scoped_lock lock(mutex_);
    if (auto safe = held_.newest_safe(std::move(current), delivered_end, is_safe)) told_ = *std::move(safe);
    return told_;
  }

 private:
  std::mutex mutex_;
  FlushedProgress<Progress> held_;
  Progress told_;
};

}  // namespace tenon::delay
