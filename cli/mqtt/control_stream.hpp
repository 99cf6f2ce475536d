// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <openssl/ssl.h>

#include <memory>
#include <string>
#include <string_view>

namespace tenon::cli {

/// As the options of mosquitto_pub of the same names. TLS is spoken when one of the files is there.
struct ControlTls {
  std::string cafile;     ///< Who may have signed the broker's certificate, PEM.
  std::string cert;       ///< Our own certificate, PEM, where the broker asks for one.
  std::string key;        ///< Its key, PEM.
  bool insecure = false;  ///< Take a certificate that is for another name.

  bool wanted() const noexcept { return !cafile.empty() || !cert.empty() || !key.empty(); }
};

/// Bytes to a broker and back, over TCP or TLS; waits ten seconds at most, each time. Throws Failure. Threads: none.
class ControlStream {
 public:
  /// `address`: host:port.
  ControlStream(const std::string& address, const ControlTls& tls);
  ControlStream(const ControlStream&) = delete;
  ControlStream& operator=(const ControlStream&) = delete;
  ~ControlStream();

  void send(std::string_view bytes);
  /// What has come: a byte at least.
  std::string receive();

 private:
  void begin_tls(const std::string& host, const ControlTls& tls);
  void send_plain(std::string_view bytes);
  std::string receive_plain();
  /// What TLS wants to have sent.
  void flush_tls();
  /// Goes on after this outcome of an SSL function, once more has come. False when it has failed for good.
  bool wait_for_more(int outcome);

  int socket_ = -1;
  std::unique_ptr<SSL_CTX, decltype(&SSL_CTX_free)> context_{nullptr, &SSL_CTX_free};
  std::unique_ptr<SSL, decltype(&SSL_free)> ssl_{nullptr, &SSL_free};
  BIO* from_broker_ = nullptr;  ///< Of ssl_, as the next.
  BIO* to_broker_ = nullptr;
};

}  // namespace tenon::cli
