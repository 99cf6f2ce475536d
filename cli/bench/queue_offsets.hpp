// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <vector>

#include "bench/measurement.hpp"
#include "tenon/error.hpp"

namespace tenon::bench {

/// What a queue of the run's topic holds: [min_offset, max_offset).
struct QueueRange {
  int queue_id = 0;
  std::int64_t min_offset = 0;
  std::int64_t max_offset = 0;
};

/// Asks the broker (30, 31) for every queue of the run's topic.
Result<std::vector<QueueRange>> queue_ranges(const Options& options);

}  // namespace tenon::bench
