// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>

#include "protocol-native/output.hpp"
#include "tenon/error.hpp"
#include "tenon/pop_consumption.hpp"

namespace tenon::protocol_native {

/// What was asked for: the answers to the three differ in little.
enum class PopForm { pop, ordered_pop, peek };

/// Answer to a pop: 0 with the records as they lie; 209, 210 or, for a peek, 19 when there are none, each with the same
/// fields; or the error. Source: ../shared/reference/remoting-protocol.md 2a.9;
/// golden/wire/broker-5.4.0/java-5.4.0-pop.
void write_pop_answer(Output& out, std::int32_t opaque, PopForm form, Result<PopOutcome>&& outcome);

}  // namespace tenon::protocol_native
