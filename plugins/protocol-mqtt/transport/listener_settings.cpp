// SPDX-License-Identifier: Apache-2.0
#include "protocol-mqtt/transport/listener_settings.hpp"

#include "tenon/text.hpp"

namespace tenon::protocol_mqtt {
namespace {

TransportKind kind_of(std::string_view word) {
  if (word == "tls") return TransportKind::tls;
  if (word == "ws") return TransportKind::websocket;
  return word == "wss" ? TransportKind::websocket_over_tls : TransportKind::tcp;
}

ListenerSettings read_one(const ConfigSection& table, Anonymous anonymous) {
  ListenerSettings listener;
  listener.address = table.string("address");
  listener.kind = kind_of(table.string("transport"));
  listener.path = table.string("path");
  listener.anonymous = table.is_set("allow_anonymous") ? anonymous_of(table.string("allow_anonymous")) : anonymous;
  listener.tls.certificate_file = table.string("certificate_file");
  listener.tls.key_file = table.string("key_file");
  listener.tls.client_ca_file = table.string("client_ca_file");
  listener.tls.require_certificate = table.boolean("require_certificate");
  listener.tls.use_identity_as_username = table.boolean("use_identity_as_username");
  listener.tls.over_websocket = listener.uses_websocket();
  return listener;
}

/// Calls `complain(key, sentence)` for what does not fit together.
template <class Complain>
void check(const ListenerSettings& listener, const ConfigSection& table, const Complain& complain) {
  const TlsSettings& tls = listener.tls;
  if (!listener.path.starts_with('/')) complain("path", "must begin with '/'");
  if (listener.uses_tls()) {
    if (tls.certificate_file.empty()) complain("certificate_file", "is needed for tls and wss");
    if (tls.key_file.empty()) complain("key_file", "is needed for tls and wss");
    if (tls.require_certificate && tls.client_ca_file.empty()) complain("require_certificate", "needs client_ca_file");
    if (tls.use_identity_as_username && !tls.require_certificate) {
      complain("use_identity_as_username", "needs require_certificate = true");
    }
    return;
  }
  for (const char* key :
       {"certificate_file", "key_file", "client_ca_file", "require_certificate", "use_identity_as_username"}) {
    if (table.is_set(key)) complain(key, "is for transport = \"tls\" or \"wss\"");
  }
}

}  // namespace

std::string_view ListenerSettings::kind_name() const noexcept {
  switch (kind) {
    case TransportKind::tcp:
      return "TCP";
    case TransportKind::tls:
      return "TLS";
    case TransportKind::websocket:
      return "WebSocket";
    case TransportKind::websocket_over_tls:
      return "WebSocket over TLS";
  }
  return "?";
}

bool ListenerSettings::anonymous_allowed_at(const HostAddress& bound) const {
  if (anonymous == Anonymous::by_loopback) return bound.is_loopback();
  return anonymous == Anonymous::always;
}

Anonymous anonymous_of(const std::string& word) {
  if (word == "always") return Anonymous::always;
  return word == "never" ? Anonymous::never : Anonymous::by_loopback;
}

std::vector<ListenerSettings> read_listeners(const ConfigSection& section, Diagnostics& complaints) {
  const Anonymous anonymous = anonymous_of(section.string("allow_anonymous"));
  const std::vector<const ConfigSection*> tables = section.tables("listeners");
  std::vector<ListenerSettings> listeners;
  if (tables.empty() || section.is_set("listen")) {
    for (std::string& address : section.list("listen")) {
      ListenerSettings& listener = listeners.emplace_back();
      listener.address = std::move(address);
      listener.anonymous = anonymous;
    }
  }
  for (std::size_t i = 0; i < tables.size(); ++i) {
    listeners.push_back(read_one(*tables[i], anonymous));
    check(listeners.back(), *tables[i], [&](std::string_view key, std::string_view sentence) {
      complaints.error(text("listeners[", i, "].", key), sentence);
    });
  }
  return listeners;
}

}  // namespace tenon::protocol_mqtt
