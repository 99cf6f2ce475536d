// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "tenon/topics.hpp"

namespace tenon::kernel {

/// A change of a table: one more, now.
inline void advance(DataVersion& version, std::int64_t now_ms) {
  ++version.counter;
  version.timestamp_ms = now_ms;
}

}  // namespace tenon::kernel
