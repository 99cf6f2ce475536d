// SPDX-License-Identifier: Apache-2.0
#include "protocol-mqtt/transport/tls_context.hpp"

#include <openssl/err.h>

#include <string_view>

#include "protocol-mqtt/transport/tls_layer.hpp"
#include "tenon/text.hpp"

namespace tenon::protocol_mqtt {
namespace {

Error file_error(std::string_view what, const std::string& file) {
  return Error(Errc::invalid_parameter, text("cannot use ", what, " '", file, "': ", last_tls_error()));
}

/// Names in the form of ALPN: each with its length in front.
constexpr std::string_view kMqttAlpn = "\x04mqtt";
constexpr std::string_view kWebAlpn = "\x08http/1.1";

/// Takes the name we speak if the client offers it; goes on without one if it does not.
int choose_protocol(SSL*, const unsigned char** chosen, unsigned char* chosen_size, const unsigned char* offered,
                    unsigned int offered_size, void* ours) {
  const std::string_view name = *static_cast<const std::string_view*>(ours);
  const auto* wanted = reinterpret_cast<const unsigned char*>(name.data());
  unsigned char* found = nullptr;
  const int outcome =
      SSL_select_next_proto(&found, chosen_size, wanted, static_cast<unsigned>(name.size()), offered, offered_size);
  if (outcome != OPENSSL_NPN_NEGOTIATED) return SSL_TLSEXT_ERR_NOACK;
  *chosen = found;
  return SSL_TLSEXT_ERR_OK;
}

void set_rules(SSL_CTX* context, const std::string_view* alpn) {
  SSL_CTX_set_min_proto_version(context, TLS1_2_VERSION);
  SSL_CTX_set_options(context, SSL_OP_NO_RENEGOTIATION | SSL_OP_CIPHER_SERVER_PREFERENCE);
  SSL_CTX_set_mode(context, SSL_MODE_RELEASE_BUFFERS);  // an idle connection keeps no records
  SSL_CTX_set_session_cache_mode(context, SSL_SESS_CACHE_OFF);
  SSL_CTX_set_num_tickets(context, 1);
  SSL_CTX_set_alpn_select_cb(context, &choose_protocol, const_cast<std::string_view*>(alpn));
  constexpr std::string_view kSessionContext = "tenon-mqtt";
  SSL_CTX_set_session_id_context(context, reinterpret_cast<const unsigned char*>(kSessionContext.data()),
                                 static_cast<unsigned>(kSessionContext.size()));
}

}  // namespace

TlsContext::TlsContext(const TlsSettings& settings)
    : context_(SSL_CTX_new(TLS_server_method()), &SSL_CTX_free),
      bio_method_(make_tls_bio_method(), &BIO_meth_free),
      use_identity_as_username_(settings.use_identity_as_username) {}

Status TlsContext::load(const TlsSettings& settings) {
  SSL_CTX* context = context_.get();
  if (context == nullptr || !bio_method_) return Error(Errc::internal, text("OpenSSL: ", last_tls_error()));
  set_rules(context, settings.over_websocket ? &kWebAlpn : &kMqttAlpn);
  if (SSL_CTX_use_certificate_chain_file(context, settings.certificate_file.c_str()) != 1) {
    return file_error("certificate_file", settings.certificate_file);
  }
  if (SSL_CTX_use_PrivateKey_file(context, settings.key_file.c_str(), SSL_FILETYPE_PEM) != 1 ||
      SSL_CTX_check_private_key(context) != 1) {
    return file_error("key_file", settings.key_file);
  }
  if (settings.client_ca_file.empty()) return {};
  const bool loaded = SSL_CTX_load_verify_file(context, settings.client_ca_file.c_str()) == 1;
  STACK_OF(X509_NAME)* names = loaded ? SSL_load_client_CA_file(settings.client_ca_file.c_str()) : nullptr;
  if (names == nullptr) return file_error("client_ca_file", settings.client_ca_file);
  SSL_CTX_set_client_CA_list(context, names);
  const int required = settings.require_certificate ? SSL_VERIFY_FAIL_IF_NO_PEER_CERT : 0;
  SSL_CTX_set_verify(context, SSL_VERIFY_PEER | required, nullptr);
  return {};
}

Result<std::shared_ptr<const TlsContext>> TlsContext::make(const TlsSettings& settings) {
  ERR_clear_error();
  std::shared_ptr<TlsContext> context(new TlsContext(settings));
  if (const Status loaded = context->load(settings); !loaded) return loaded.error();
  return std::shared_ptr<const TlsContext>(std::move(context));
}

}  // namespace tenon::protocol_mqtt
