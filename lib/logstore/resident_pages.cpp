// SPDX-License-Identifier: Apache-2.0
#include "logstore/resident_pages.hpp"

#include <algorithm>

namespace tenon::logstore {
namespace {

/// What a read usually takes, so that it asks once.
constexpr std::int64_t kStretch = 128 * 1024;

}  // namespace

bool ResidentPages::look(const Segment& segment, std::int64_t at, std::int64_t length) {
  const std::int64_t until = std::min(at + std::max(length, kStretch), segment.end());
  const std::size_t resident =
      segment.mapping().resident(static_cast<std::size_t>(at - segment.base()), static_cast<std::size_t>(until - at));
  begin_ = at;
  end_ = at + static_cast<std::int64_t>(resident);
  return at + length <= end_;
}

}  // namespace tenon::logstore
