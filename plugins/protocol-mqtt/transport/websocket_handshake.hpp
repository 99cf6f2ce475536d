// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace tenon::protocol_mqtt {

/// Answer to the HTTP request that opens a WebSocket.
struct WebSocketAnswer {
  std::string response;
  bool accepted = false;
  std::string_view reason;       ///< Why not; a literal.
  std::size_t request_size = 0;  ///< Bytes of the request; what follows are frames.
};

/// Longest request, in bytes.
inline constexpr std::size_t kWebSocketRequestMax = 8 * 1024;

/// Judges the request at the start of `bytes`: a WebSocket of version 13 at `path` (what follows a '?' does not count)
/// that offers the sub-protocol "mqtt" or "mqttv3.1". Where the page came from (Origin) is not looked at: a client
/// authenticates by MQTT. Nothing: the request is not whole yet. Source: RFC 6455 section 4.2; MQTT 5.0 section 6.
std::optional<WebSocketAnswer> answer_websocket_request(std::string_view bytes, std::string_view path);

}  // namespace tenon::protocol_mqtt
