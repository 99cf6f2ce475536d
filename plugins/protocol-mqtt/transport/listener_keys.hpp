// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "tenon/config.hpp"

namespace tenon::protocol_mqtt {

/// The keys of one table of `listeners`.
inline constexpr ConfigKey kListenerKeys[] = {
    {.name = "address", .type = ConfigType::address, .meaning = "Where to listen.", .required = true},
    {.name = "transport",
     .default_value = "tcp",
     .meaning = "Plain TCP, TLS, WebSocket, or WebSocket over TLS.",
     .choices = "tcp|tls|ws|wss"},
    {.name = "path", .default_value = "/mqtt", .meaning = "Path of the WebSocket."},
    {.name = "allow_anonymous",
     .default_value = "loopback",
     .meaning = "As the key of the same name above, which counts where this one is not set.",
     .choices = "loopback|always|never"},
    {.name = "certificate_file",
     .type = ConfigType::path,
     .meaning = "The server's certificate and its issuers', PEM; read again at SIGHUP."},
    {.name = "key_file",
     .type = ConfigType::path,
     .meaning = "The key of the certificate, PEM without a passphrase; read again at SIGHUP."},
    {.name = "client_ca_file",
     .type = ConfigType::path,
     .meaning = "Who may have signed clients' certificates, PEM; empty: none is asked for. Read again at SIGHUP."},
    {.name = "require_certificate",
     .type = ConfigType::boolean,
     .default_value = "false",
     .meaning = "Refuse clients without a certificate."},
    {.name = "use_identity_as_username",
     .type = ConfigType::boolean,
     .default_value = "false",
     .meaning = "The common name of the client's certificate is its user name; no password is asked for."},
};

}  // namespace tenon::protocol_mqtt
