// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <memory>
#include <string>
#include <string_view>

#include "tenon/host_address.hpp"

namespace tenon::e2e {

/// A blocking connection of a test. Throws std::runtime_error when it cannot be opened.
class Stream {
 public:
  virtual ~Stream() = default;
  /// False when the connection is gone.
  virtual bool send(std::string_view bytes) = 0;
  /// Appends what has come. False when the connection ended or nothing came in time.
  virtual bool receive(std::string& to, std::chrono::milliseconds timeout) = 0;
};

std::unique_ptr<Stream> open_tcp(const HostAddress& address);

/// What a TLS client shows; no files: no certificate of its own. The server's is checked against `authority`.
struct TlsClientFiles {
  std::string authority, certificate, key;
};
std::unique_ptr<Stream> open_tls(const HostAddress& address, const TlsClientFiles& files);

/// A WebSocket over `below` at `path`. Each send() goes out in frames of `frame_size` bytes, which are one message.
std::unique_ptr<Stream> open_websocket(std::unique_ptr<Stream> below, std::string_view path,
                                       std::size_t frame_size = SIZE_MAX);

}  // namespace tenon::e2e
