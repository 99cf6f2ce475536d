// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>

#include "protocol-native/output.hpp"
#include "tenon/error.hpp"
#include "tenon/pulling.hpp"

namespace tenon::protocol_native {

/// Answer to a pull: 0 with the records as they lie in the log, 19, 20 or 21, each with the four offsets; or the error.
void write_pull_answer(Output& out, std::int32_t opaque, Result<PullOutcome>&& outcome);

}  // namespace tenon::protocol_native
