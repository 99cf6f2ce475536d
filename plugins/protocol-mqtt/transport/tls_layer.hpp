// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <openssl/ssl.h>

#include <memory>
#include <string>
#include <string_view>

#include "protocol-mqtt/transport/layer.hpp"
#include "protocol-mqtt/transport/tls_context.hpp"

namespace tenon::protocol_mqtt {

/// The server's side of a TLS connection. OpenSSL reads and writes through a BIO that lies over the arguments of the
/// call of the moment, so nothing is buffered in between. Threads: as Layer's.
class TlsLayer final : public Layer {
 public:
  explicit TlsLayer(std::shared_ptr<const TlsContext> context);

  Status receive(std::string_view bytes, std::string& inner, std::string& outer) override;
  Status send(std::string_view bytes, std::string& outer) override;
  void end(std::string& outer) override;
  std::string_view proven_name() const noexcept override { return proven_name_; }
  bool handshaking() const noexcept override { return !accepted_ && !failed_; }

  // For the BIO.
  std::size_t read_wire(char* to, std::size_t size) noexcept;
  bool write_wire(std::string_view bytes) noexcept;

 private:
  Status accept();
  Status note_name();
  Status read_all(std::string& inner);
  Error failure(std::string_view doing, int outcome);

  const std::shared_ptr<const TlsContext> context_;
  const std::unique_ptr<SSL, decltype(&SSL_free)> ssl_;
  std::string_view input_;         ///< Not read by OpenSSL yet; empty outside of receive().
  std::string* output_ = nullptr;  ///< Where the call of now puts what goes to the peer.
  std::string proven_name_;
  bool accepted_ = false;
  bool failed_ = false;
};

/// The BIO of TlsLayer. Ownership: the caller's; it must outlive every SSL that uses it.
BIO_METHOD* make_tls_bio_method();
/// The oldest error in OpenSSL's queue of this thread, in words; empties the queue.
std::string last_tls_error();

}  // namespace tenon::protocol_mqtt
