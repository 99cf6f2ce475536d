// SPDX-License-Identifier: Apache-2.0
#include "mqtt/control_stream.hpp"

#include <netdb.h>
#include <openssl/err.h>
#include <openssl/x509v3.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <utility>

#include "mqtt/control_failure.hpp"
#include "tenon/text.hpp"

namespace tenon::cli {
namespace {

constexpr timeval kTimeout{10, 0};

[[noreturn]] void fail_tls(std::string_view doing) {
  char words[256] = "the other side has ended it";
  if (const unsigned long code = ERR_get_error(); code != 0) ERR_error_string_n(code, words, sizeof words);
  ERR_clear_error();
  fail_control(text(doing, ": ", words));
}

std::string host_of(const std::string& address) {
  const std::size_t colon = address.rfind(':');
  if (colon == std::string::npos) fail_control(text("'", address, "' is not host:port"));
  std::string host = address.substr(0, colon);
  if (host.starts_with('[') && host.ends_with(']')) host = host.substr(1, host.size() - 2);  // "[::1]:1883"
  return host;
}

int open_socket(const std::string& address) {
  addrinfo hints{};
  hints.ai_socktype = SOCK_STREAM;
  addrinfo* found = nullptr;
  const std::string host = host_of(address);
  const int error = ::getaddrinfo(host.c_str(), address.substr(address.rfind(':') + 1).c_str(), &hints, &found);
  if (error != 0) fail_control(text("'", address, "': ", ::gai_strerror(error)));
  int socket = -1;
  for (const addrinfo* it = found; it != nullptr && socket < 0; it = it->ai_next) {
    socket = ::socket(it->ai_family, it->ai_socktype | SOCK_CLOEXEC, it->ai_protocol);
    if (socket < 0) continue;
    ::setsockopt(socket, SOL_SOCKET, SO_RCVTIMEO, &kTimeout, sizeof kTimeout);
    ::setsockopt(socket, SOL_SOCKET, SO_SNDTIMEO, &kTimeout, sizeof kTimeout);  // of connect(), too
    if (::connect(socket, it->ai_addr, it->ai_addrlen) == 0) continue;
    ::close(std::exchange(socket, -1));
  }
  ::freeaddrinfo(found);
  if (socket < 0) fail_control(text("cannot connect to ", address, ": ", std::strerror(errno)));
  return socket;
}

void load_files(SSL_CTX* context, const ControlTls& tls) {
  if (tls.cafile.empty() || tls.cert.empty() != tls.key.empty()) {
    fail_control("TLS wants --cafile, and --cert and --key only together");
  }
  if (SSL_CTX_load_verify_file(context, tls.cafile.c_str()) != 1) fail_tls(text("cannot use --cafile ", tls.cafile));
  if (tls.cert.empty()) return;
  if (SSL_CTX_use_certificate_chain_file(context, tls.cert.c_str()) != 1) {
    fail_tls(text("cannot use --cert ", tls.cert));
  }
  if (SSL_CTX_use_PrivateKey_file(context, tls.key.c_str(), SSL_FILETYPE_PEM) != 1) {
    fail_tls(text("cannot use --key ", tls.key));
  }
}

/// The broker's certificate has to be for `host`, a name or an address.
void expect_host(SSL* ssl, const std::string& host, bool insecure) {
  const bool is_address = X509_VERIFY_PARAM_set1_ip_asc(SSL_get0_param(ssl), host.c_str()) == 1;
  if (!is_address) {  // SSL_set_tlsext_host_name(), which casts as C does
    SSL_ctrl(ssl, SSL_CTRL_SET_TLSEXT_HOSTNAME, TLSEXT_NAMETYPE_host_name, const_cast<char*>(host.c_str()));
  }
  if (insecure) {
    X509_VERIFY_PARAM_set1_ip(SSL_get0_param(ssl), nullptr, 0);
  } else if (!is_address && SSL_set1_host(ssl, host.c_str()) != 1) {
    fail_tls("TLS");
  }
}

}  // namespace

ControlStream::ControlStream(const std::string& address, const ControlTls& tls) : socket_(open_socket(address)) {
  if (!tls.wanted()) return;
  try {
    begin_tls(host_of(address), tls);
  } catch (...) {
    ::close(socket_);
    throw;
  }
}

ControlStream::~ControlStream() { ::close(socket_); }

void ControlStream::begin_tls(const std::string& host, const ControlTls& tls) {
  ERR_clear_error();
  context_.reset(SSL_CTX_new(TLS_client_method()));
  if (!context_) fail_tls("TLS");
  SSL_CTX_set_min_proto_version(context_.get(), TLS1_2_VERSION);
  SSL_CTX_set_verify(context_.get(), SSL_VERIFY_PEER, nullptr);
  load_files(context_.get(), tls);
  ssl_.reset(SSL_new(context_.get()));
  from_broker_ = BIO_new(BIO_s_mem());
  to_broker_ = BIO_new(BIO_s_mem());
  if (!ssl_ || from_broker_ == nullptr || to_broker_ == nullptr) fail_tls("TLS");
  SSL_set_bio(ssl_.get(), from_broker_, to_broker_);
  expect_host(ssl_.get(), host, tls.insecure);
  while (true) {
    const int outcome = SSL_connect(ssl_.get());
    flush_tls();
    if (outcome == 1) return;
    if (wait_for_more(outcome)) continue;
    const long verdict = SSL_get_verify_result(ssl_.get());
    if (verdict == X509_V_OK) fail_tls("TLS handshake");
    fail_control(text("the broker's certificate: ", X509_verify_cert_error_string(verdict)));
  }
}

bool ControlStream::wait_for_more(int outcome) {
  if (SSL_get_error(ssl_.get(), outcome) != SSL_ERROR_WANT_READ) return false;
  const std::string bytes = receive_plain();
  BIO_write(from_broker_, bytes.data(), static_cast<int>(bytes.size()));
  return true;
}

void ControlStream::flush_tls() {
  char* bytes = nullptr;
  const long size = BIO_get_mem_data(to_broker_, &bytes);
  if (size > 0) send_plain({bytes, static_cast<std::size_t>(size)});
  BIO_reset(to_broker_);
}

void ControlStream::send(std::string_view bytes) {
  if (!ssl_) return send_plain(bytes);
  ERR_clear_error();
  std::size_t sent = 0;
  if (SSL_write_ex(ssl_.get(), bytes.data(), bytes.size(), &sent) != 1) fail_tls("TLS");
  flush_tls();
}

std::string ControlStream::receive() {
  if (!ssl_) return receive_plain();
  ERR_clear_error();
  while (true) {
    char buffer[16 * 1024];
    std::size_t count = 0;
    const int outcome = SSL_read_ex(ssl_.get(), buffer, sizeof buffer, &count);
    flush_tls();
    if (outcome == 1) return std::string(buffer, count);
    if (SSL_get_error(ssl_.get(), outcome) == SSL_ERROR_ZERO_RETURN)
      fail_control("the broker has closed the connection");
    if (!wait_for_more(outcome)) fail_tls("TLS");
  }
}

void ControlStream::send_plain(std::string_view bytes) {
  while (!bytes.empty()) {
    const ssize_t count = ::send(socket_, bytes.data(), bytes.size(), MSG_NOSIGNAL);
    if (count < 0 && errno == EINTR) continue;
    if (count <= 0) fail_control(text("the connection is gone: ", std::strerror(errno)));
    bytes.remove_prefix(static_cast<std::size_t>(count));
  }
}

std::string ControlStream::receive_plain() {
  while (true) {
    char buffer[16 * 1024];
    const ssize_t count = ::recv(socket_, buffer, sizeof buffer, 0);
    if (count > 0) return std::string(buffer, static_cast<std::size_t>(count));
    if (count < 0 && errno == EINTR) continue;
    if (count < 0) fail_control(errno == EAGAIN ? "no answer in ten seconds" : std::strerror(errno));
    fail_control(ssl_ ? "the broker has closed the connection: is this an MQTT listener with TLS?"
                      : "the broker has closed the connection: is this a plain MQTT listener? (TLS: --cafile)");
  }
}

}  // namespace tenon::cli
