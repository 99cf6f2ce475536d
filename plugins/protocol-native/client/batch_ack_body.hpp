// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string_view>
#include <vector>

#include "tenon/error.hpp"
#include "tenon/pop_consumption.hpp"

namespace tenon::protocol_native {

/// BatchAckMessageRequestBody of 200151. An entry names its messages by bits, the lowest of the first byte for the
/// start offset of its check point. Source: ../shared/reference/remoting-protocol.md 3.9.
/// Throws Failure: message_illegal (no JSON), invalid_parameter (what it says cannot be, or is too much at once).
std::vector<PoppedBatch> read_batch_ack(std::string_view body);

}  // namespace tenon::protocol_native
