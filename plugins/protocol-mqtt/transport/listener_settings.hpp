// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "protocol-mqtt/transport/tls_context.hpp"
#include "tenon/config.hpp"
#include "tenon/host_address.hpp"

namespace tenon::protocol_mqtt {

/// Whether clients without a name may come in.
enum class Anonymous { by_loopback, always, never };

/// What a listening socket speaks below MQTT.
enum class TransportKind { tcp, tls, websocket, websocket_over_tls };

struct ListenerSettings {
  std::string address;
  TransportKind kind = TransportKind::tcp;
  Anonymous anonymous = Anonymous::by_loopback;
  std::string path = "/mqtt";  ///< Of WebSockets.
  TlsSettings tls;

  bool uses_tls() const noexcept { return kind == TransportKind::tls || kind == TransportKind::websocket_over_tls; }
  bool uses_websocket() const noexcept {
    return kind == TransportKind::websocket || kind == TransportKind::websocket_over_tls;
  }
  /// "TLS": for logs and people.
  std::string_view kind_name() const noexcept;
  bool anonymous_allowed_at(const HostAddress& bound) const;
};

Anonymous anonymous_of(const std::string& word);
/// The listeners of `listen` (TCP) and of `listeners`. Complaints about both go to `complaints`.
std::vector<ListenerSettings> read_listeners(const ConfigSection& section, Diagnostics& complaints);

}  // namespace tenon::protocol_mqtt
