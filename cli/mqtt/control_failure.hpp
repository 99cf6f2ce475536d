// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <utility>

#include "tenon/error.hpp"

namespace tenon::cli {

/// Ends what is asked of a broker's `$CONTROL` topic.
[[noreturn]] inline void fail_control(std::string why) { throw Failure(Error(Errc::io, std::move(why))); }

}  // namespace tenon::cli
