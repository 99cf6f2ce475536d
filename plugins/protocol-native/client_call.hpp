// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <functional>
#include <memory>

#include "protocol-native/answer.hpp"
#include "tenon/client_channel.hpp"

namespace tenon::protocol_native {

/// A request that the broker sends to a connected client (40, 220, 221, 307, 309, 326).
struct ClientRequest {
  ClientRequest(std::int32_t request_code, Fields request_fields, std::string request_body = {})
      : code(request_code), fields(std::move(request_fields)), body(std::move(request_body)) {}

  std::int32_t code;
  Fields fields;
  std::string body;
};

/// The client's answer, whatever its code; or timed_out, disconnected, or not_supported for a client of another
/// protocol.
using ClientAnswered = std::function<void(Result<Answer>)>;

/// Sends `request` under an opaque of the server's own and waits for the answer. `answered` runs exactly once, on the
/// thread that the channel's connection had when it was sent, never before this returns; answer another connection from
/// there through a DeferredAnswer. Threads: any.
void call_client(const std::shared_ptr<ClientChannel>& channel, ClientRequest request,
                 std::chrono::milliseconds timeout, ClientAnswered answered);
/// Sends `request` oneway. Does nothing on a closed channel. Error: not_supported for a client of another protocol.
Status notify_client(const std::shared_ptr<ClientChannel>& channel, ClientRequest request);

}  // namespace tenon::protocol_native
