// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <functional>

namespace tenon::kernel {

/// Wall clock in ms since the epoch; injected, so that tests set the time. Threads: any.
using WallClock = std::function<std::int64_t()>;

}  // namespace tenon::kernel
