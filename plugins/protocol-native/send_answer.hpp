// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include "protocol-native/sends_in_flight.hpp"
#include "protocol-native/trace_fields.hpp"
#include "remoting/output_buffer.hpp"
#include "tenon/error.hpp"
#include "tenon/publishing.hpp"

namespace tenon::protocol_native {

/// Answer to a send that was stored, fully confirmed or not (codes 0, 10, 11, 12: clients read the same fields of all).
void write_send_answer(remoting::OutputBuffer& out, const SendsInFlight::Send& send, const PublishReceipt& receipt,
                       const TraceFields& traces);
/// Offset message id of a stored message.
std::string message_id_of(const PublishReceipt& receipt);
/// Answer to a send that was refused: no queue fields, but MSG_REGION and TRACE_ON, as recorded.
void write_send_error(remoting::OutputBuffer& out, std::int32_t opaque, const Error& error, const TraceFields& traces);

}  // namespace tenon::protocol_native
