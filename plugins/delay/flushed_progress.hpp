// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <utility>

#include "tenon/message_store.hpp"

namespace tenon::delay {

/// Waits until the store has forced everything up to `end` to the disk, two seconds at most. For the end of a process:
/// the store forces by itself within its interval.
void wait_until_flushed(const MessageStore& store, PhysicalOffset end);

/// Progress that may be written down only when the deliveries it counts are on the disk: else a power failure would
/// take messages of which the progress says that they were delivered. Holds one older state back until it may be
/// written. Threads: one at a time.
template <class Progress>
class FlushedProgress {
 public:
  /// The newest state that may be written now, of the one held and of `current`; empty if there is none.
  std::optional<Progress> newest_safe(Progress current, PhysicalOffset delivered_end, PhysicalOffset flushed) {
    if (flushed >= delivered_end) {
      held_.reset();
      return current;
    }
    std::optional<Progress> safe;
    if (held_ && flushed >= held_->second) safe = std::move(held_->first);
    if (safe || !held_) held_.emplace(std::move(current), delivered_end);
    return safe;
  }
  /// True while something waits for the disk.
  bool waits() const noexcept { return held_.has_value(); }

 private:
  std::optional<std::pair<Progress, PhysicalOffset>> held_;
};

}  // namespace tenon::delay
