// SPDX-License-Identifier: Apache-2.0
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <memory>
#include <string>
#include <string_view>

#include "protocol-mqtt/transport/websocket_layer.hpp"

namespace {

using tenon::protocol_mqtt::WebSocketLayer;

constexpr std::string_view kRequest =
    "GET /mqtt HTTP/1.1\r\nHost: h\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
    "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Protocol: mqtt\r\n\r\n";

struct Outcome {
  std::string inner, outer;
  bool accepted = true;
};

/// What the layer makes of `bytes` that come in parts of `part` bytes.
Outcome outcome_of(std::string_view bytes, std::size_t part) {
  WebSocketLayer layer(std::make_shared<const std::string>("/mqtt"));
  Outcome outcome;
  while (!bytes.empty() && outcome.accepted) {
    const std::string_view now = bytes.substr(0, part);
    bytes.remove_prefix(now.size());
    outcome.accepted = static_cast<bool>(layer.receive(now, outcome.inner, outcome.outer));
  }
  layer.end(outcome.outer);
  return outcome;
}

}  // namespace

/// The first byte says whether the request is the fuzzer's too, and how the bytes are cut: that must not matter.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) return 0;
  const std::string rest(reinterpret_cast<const char*>(data) + 1, size - 1);
  const std::string bytes = (data[0] & 0x80) != 0 ? rest : std::string(kRequest) + rest;
  const Outcome whole = outcome_of(bytes, bytes.size() + 1);
  const Outcome parts = outcome_of(bytes, data[0] % 16 + 1U);
  if (whole.accepted != parts.accepted || whole.inner != parts.inner || whole.outer != parts.outer) std::abort();
  if (whole.inner.size() > bytes.size()) std::abort();
  return 0;
}
