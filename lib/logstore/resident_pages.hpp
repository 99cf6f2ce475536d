// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "logstore/segment.hpp"

namespace tenon::logstore {

/// Tells whether a range of the log is in memory, for one read: what this process has just written is; of the rest the
/// operating system is asked, a stretch at a time.
class ResidentPages {
 public:
  explicit ResidentPages(PhysicalOffset surely_from) noexcept : surely_from_(surely_from.value) {}

  PhysicalOffset surely_from() const noexcept { return {surely_from_}; }

  bool hold(const Segment& segment, PhysicalOffset at, std::int64_t length) {
    if (at.value >= surely_from_ || (at.value >= begin_ && at.value + length <= end_)) return true;
    return look(segment, at.value, length);
  }

 private:
  bool look(const Segment& segment, std::int64_t at, std::int64_t length);

  std::int64_t surely_from_;
  std::int64_t begin_ = 0, end_ = 0;  ///< Known to be in memory.
};

}  // namespace tenon::logstore
