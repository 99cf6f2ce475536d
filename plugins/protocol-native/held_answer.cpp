// SPDX-License-Identifier: Apache-2.0
#include "protocol-native/held_answer.hpp"

namespace tenon::protocol_native {

std::optional<HeldAnswer> HeldAnswer::begin(Request& request) {
  if (request.connection()->begin_pull()) return HeldAnswer(request);
  if (auto* statistics = request.services().statistics) statistics->count_incident("refused.pull-of-connection");
  request.fail(remoting::ResponseCode::system_busy, "too many pulls of this connection are waiting");
  return std::nullopt;
}

}  // namespace tenon::protocol_native
