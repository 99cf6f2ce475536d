// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <openssl/bio.h>
#include <openssl/ssl.h>

#include <memory>
#include <string>

#include "tenon/error.hpp"

namespace tenon::protocol_mqtt {

struct TlsSettings {
  std::string certificate_file;           ///< PEM, the server's first, then its issuers'.
  std::string key_file;                   ///< PEM, without a passphrase.
  std::string client_ca_file;             ///< PEM; empty: no client is asked for a certificate.
  bool require_certificate = false;       ///< Of the client.
  bool use_identity_as_username = false;  ///< The common name of the client's certificate is its user name.
  bool over_websocket = false;            ///< Decides which protocol names (ALPN) are accepted.
};

/// What the TLS connections of a listener share: certificates, keys, rules. TLS 1.2 and 1.3.
/// Ownership: each connection holds it, so that a reload leaves those that are open as they are. Threads: immutable.
class TlsContext {
 public:
  /// Reads the files. Error: invalid_parameter with the file and what OpenSSL says of it.
  static Result<std::shared_ptr<const TlsContext>> make(const TlsSettings& settings);

  SSL_CTX* get() const noexcept { return context_.get(); }
  const BIO_METHOD* bio_method() const noexcept { return bio_method_.get(); }
  bool use_identity_as_username() const noexcept { return use_identity_as_username_; }

 private:
  explicit TlsContext(const TlsSettings& settings);
  Status load(const TlsSettings& settings);

  std::unique_ptr<SSL_CTX, decltype(&SSL_CTX_free)> context_;
  std::unique_ptr<BIO_METHOD, decltype(&BIO_meth_free)> bio_method_;
  const bool use_identity_as_username_;
};

}  // namespace tenon::protocol_mqtt
