// SPDX-License-Identifier: Apache-2.0
#include "protocol-mqtt/transport/tls_layer.hpp"

#include <openssl/err.h>
#include <openssl/x509.h>

#include <algorithm>
#include <array>
#include <cstring>
#include <new>
#include <utility>

#include "mqtt/utf8.hpp"
#include "tenon/text.hpp"

namespace tenon::protocol_mqtt {
namespace {

int read_bio(BIO* bio, char* to, int size) {
  BIO_clear_retry_flags(bio);
  const std::size_t count = static_cast<TlsLayer*>(BIO_get_data(bio))->read_wire(to, static_cast<std::size_t>(size));
  if (count > 0) return static_cast<int>(count);
  BIO_set_retry_read(bio);
  return -1;
}

int write_bio(BIO* bio, const char* bytes, int size) {
  BIO_clear_retry_flags(bio);
  auto* layer = static_cast<TlsLayer*>(BIO_get_data(bio));
  return layer->write_wire({bytes, static_cast<std::size_t>(size)}) ? size : -1;
}

long control_bio(BIO*, int command, long, void*) { return command == BIO_CTRL_FLUSH ? 1 : 0; }

/// The common name of a certificate; empty when there is none that can be a user name.
std::string common_name_of(const X509* certificate) {
  const X509_NAME* subject = X509_get_subject_name(certificate);
  const int at = X509_NAME_get_index_by_NID(subject, NID_commonName, -1);
  if (at < 0) return {};
  unsigned char* utf8 = nullptr;
  const int size = ASN1_STRING_to_UTF8(&utf8, X509_NAME_ENTRY_get_data(X509_NAME_get_entry(subject, at)));
  if (size < 0) return {};
  std::string name(reinterpret_cast<const char*>(utf8), static_cast<std::size_t>(size));
  OPENSSL_free(utf8);
  return mqtt::is_valid_text(name) ? name : std::string();
}

}  // namespace

BIO_METHOD* make_tls_bio_method() {
  BIO_METHOD* method = BIO_meth_new(BIO_TYPE_SOURCE_SINK | BIO_get_new_index(), "tenon bytes");
  if (method == nullptr) return nullptr;
  BIO_meth_set_read(method, &read_bio);
  BIO_meth_set_write(method, &write_bio);
  BIO_meth_set_ctrl(method, &control_bio);
  return method;
}

std::string last_tls_error() {
  const unsigned long code = ERR_get_error();
  ERR_clear_error();
  if (code == 0) return "unknown error";
  std::array<char, 256> words;
  ERR_error_string_n(code, words.data(), words.size());
  return words.data();
}

TlsLayer::TlsLayer(std::shared_ptr<const TlsContext> context)
    : context_(std::move(context)), ssl_(SSL_new(context_->get()), &SSL_free) {
  BIO* bio = ssl_ ? BIO_new(context_->bio_method()) : nullptr;
  if (bio == nullptr) throw std::bad_alloc();
  BIO_set_data(bio, this);
  BIO_set_init(bio, 1);
  SSL_set_bio(ssl_.get(), bio, bio);
  SSL_set_accept_state(ssl_.get());
}

std::size_t TlsLayer::read_wire(char* to, std::size_t size) noexcept {
  const std::size_t count = std::min(size, input_.size());
  std::memcpy(to, input_.data(), count);
  input_.remove_prefix(count);
  return count;
}

bool TlsLayer::write_wire(std::string_view bytes) noexcept {
  if (output_ == nullptr) return false;
  try {
    output_->append(bytes);
  } catch (const std::bad_alloc&) {  // must not pass through OpenSSL
    return false;
  }
  return true;
}

Error TlsLayer::failure(std::string_view doing, int outcome) {
  const int reason = SSL_get_error(ssl_.get(), outcome);
  if (reason == SSL_ERROR_ZERO_RETURN) return Error(Errc::io, "the client closed TLS");
  failed_ = true;
  return Error(Errc::io, text(doing, ": ", last_tls_error()));
}

Status TlsLayer::receive(std::string_view bytes, std::string& inner, std::string& outer) {
  if (failed_) return Error(Errc::io, "TLS has failed before");
  ERR_clear_error();
  input_ = bytes;
  output_ = &outer;
  Status status = accept();
  if (status && accepted_) status = read_all(inner);
  input_ = {};
  output_ = nullptr;
  return status;
}

Status TlsLayer::accept() {
  if (accepted_) return {};
  const int outcome = SSL_accept(ssl_.get());
  if (outcome == 1) {
    accepted_ = true;
    return note_name();
  }
  if (SSL_get_error(ssl_.get(), outcome) == SSL_ERROR_WANT_READ) return {};
  return failure("TLS handshake", outcome);
}

Status TlsLayer::note_name() {
  if (!context_->use_identity_as_username()) return {};
  const std::unique_ptr<X509, decltype(&X509_free)> certificate(SSL_get1_peer_certificate(ssl_.get()), &X509_free);
  if (certificate) proven_name_ = common_name_of(certificate.get());
  if (!proven_name_.empty()) return {};
  return Error(Errc::no_permission, "the client's certificate has no common name that can be a user name");
}

Status TlsLayer::read_all(std::string& inner) {
  std::array<char, 16 * 1024> record;
  while (true) {
    std::size_t count = 0;
    const int outcome = SSL_read_ex(ssl_.get(), record.data(), record.size(), &count);
    if (outcome == 1) {
      inner.append(record.data(), count);
      continue;
    }
    if (SSL_get_error(ssl_.get(), outcome) == SSL_ERROR_WANT_READ) return {};
    return failure("TLS", outcome);
  }
}

Status TlsLayer::send(std::string_view bytes, std::string& outer) {
  if (failed_ || !accepted_) return Error(Errc::io, "TLS is not up");
  ERR_clear_error();
  output_ = &outer;
  std::size_t count = 0;
  const int outcome = bytes.empty() ? 1 : SSL_write_ex(ssl_.get(), bytes.data(), bytes.size(), &count);
  output_ = nullptr;
  if (outcome == 1) return {};
  return failure("TLS", outcome);
}

void TlsLayer::end(std::string& outer) {
  if (failed_ || !accepted_) return;
  ERR_clear_error();
  output_ = &outer;
  SSL_shutdown(ssl_.get());
  output_ = nullptr;
  failed_ = true;
}

}  // namespace tenon::protocol_mqtt
