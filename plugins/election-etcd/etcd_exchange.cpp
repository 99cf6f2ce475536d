// SPDX-License-Identifier: Apache-2.0
#include "election-etcd/etcd_exchange.hpp"

#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/ssl/host_name_verification.hpp>
#include <boost/asio/ssl/impl/src.hpp>  // libtenon.so has Asio without it, and nobody else here speaks it
#include <boost/asio/ssl/stream.hpp>
#include <boost/beast/core.hpp>
#include <boost/beast/http.hpp>
#include <charconv>
#include <type_traits>

#include "election-etcd/etcd_refusal.hpp"
#include "tenon/text.hpp"

namespace tenon::election_etcd {
namespace {

namespace asio = boost::asio;
namespace beast = boost::beast;
namespace http = boost::beast::http;
using ErrorCode = boost::system::error_code;
using TlsStream = asio::ssl::stream<beast::tcp_stream>;

constexpr std::size_t kAnswerBytesMax = 1024 * 1024;

/// All of it runs inside run(). `Stream` is a TCP stream, or TLS over one.
template <class Stream>
class Exchange {
 public:
  template <class... StreamParts>
  Exchange(const Endpoint& endpoint, const EtcdRequest& request, StreamParts&... parts)
      : resolver_(io_), stream_(io_, parts...), endpoint_(endpoint) {
    request_.version(11);
    request_.method(http::verb::post);
    request_.target(request.path);
    request_.set(http::field::host, endpoint.host + ':' + endpoint.port);
    request_.set(http::field::content_type, "application/json");
    request_.set(http::field::connection, "close");
    if (!request.token.empty()) request_.set(http::field::authorization, request.token);
    request_.body() = request.body;
    request_.prepare_payload();
    answer_.body_limit(kAnswerBytesMax);
  }

  Result<std::string> run(std::chrono::milliseconds timeout) {
    resolver_.async_resolve(endpoint_.host, endpoint_.port, [this](const ErrorCode& failed, const auto& found) {
      if (failed) return end(failed);
      beast::get_lowest_layer(stream_).async_connect(
          found, [this](const ErrorCode& refused, const auto&) { refused ? end(refused) : connected(); });
    });
    io_.run_for(timeout);
    if (!done_) return Error(Errc::timed_out, text(endpoint_.address(), " did not answer in ", timeout.count(), " ms"));
    if (failed_) return Error(Errc::disconnected, text(endpoint_.address(), ": ", reason()));
    const auto& message = answer_.get();
    if (message.result() == http::status::ok) return message.body();
    return refusal(endpoint_.address(), message.result_int(), message.body());
  }

 private:
  static constexpr bool kIsTls = std::is_same_v<Stream, TlsStream>;

  void connected() {
    if constexpr (kIsTls) {
      ErrorCode ignored;  // of an address that is no name, where there is nothing to say
      if (asio::ip::make_address(endpoint_.host, ignored); ignored)
        SSL_ctrl(stream_.native_handle(), SSL_CTRL_SET_TLSEXT_HOSTNAME, TLSEXT_NAMETYPE_host_name,
                 const_cast<char*>(endpoint_.host.c_str()));  // what SSL_set_tlsext_host_name() is, without its cast
      stream_.set_verify_callback(asio::ssl::host_name_verification(endpoint_.host));
      stream_.async_handshake(asio::ssl::stream_base::client,
                              [this](const ErrorCode& refused) { refused ? end(refused) : write(); });
    } else {
      write();
    }
  }
  void write() {
    http::async_write(stream_, request_,
                      [this](const ErrorCode& failed, std::size_t) { failed ? end(failed) : read(); });
  }
  void read() {
    http::async_read(stream_, buffer_, answer_, [this](const ErrorCode& failed, std::size_t) { end(failed); });
  }
  void end(const ErrorCode& failed) {
    failed_ = failed;
    done_ = true;
  }
  std::string reason() {
    if constexpr (kIsTls) {
      const long verified = SSL_get_verify_result(stream_.native_handle());
      if (verified != X509_V_OK)
        return text("its certificate is not trusted (", X509_verify_cert_error_string(verified),
                    "): ca_file must name who signed it, and it must be made out to ", endpoint_.host);
    }
    return explain_broken_tls(failed_.message());
  }

  asio::io_context io_;
  asio::ip::tcp::resolver resolver_;
  Stream stream_;
  const Endpoint& endpoint_;
  http::request<http::string_body> request_;
  http::response_parser<http::string_body> answer_;
  beast::flat_buffer buffer_;
  ErrorCode failed_;
  bool done_ = false;
};

bool is_port(std::string_view word) {
  std::uint16_t port = 0;
  const auto [end, error] = std::from_chars(word.data(), word.data() + word.size(), port);
  return error == std::errc{} && end == word.data() + word.size() && port != 0;
}

Status load_own(asio::ssl::context& context, const TlsFiles& files) {
  ErrorCode failed;
  context.use_certificate_chain_file(files.certificate_file, failed);
  if (failed)
    return Error(Errc::invalid_parameter,
                 text("cannot use certificate_file '", files.certificate_file, "': ", failed.message()));
  context.use_private_key_file(files.key_file, asio::ssl::context::pem, failed);
  if (failed || SSL_CTX_check_private_key(context.native_handle()) != 1)
    return Error(Errc::invalid_parameter, text("cannot use key_file '", files.key_file, "' with the certificate: ",
                                               failed ? failed.message() : "it belongs to another one"));
  return {};
}

}  // namespace

std::string Endpoint::address() const {
  const bool is_v6 = host.find(':') != std::string::npos;
  return text(tls ? "https://" : "http://", is_v6 ? "[" : "", host, is_v6 ? "]:" : ":", port);
}

Result<Endpoint> parse_endpoint(std::string_view words) {
  constexpr std::string_view kTls = "https://", kPlain = "http://";
  const auto expected = [words] {
    return Error(Errc::invalid_parameter, text("'", words, "' is no endpoint such as \"https://etcd-1:2379\""));
  };
  std::string_view rest = words;
  Endpoint endpoint;
  endpoint.tls = rest.starts_with(kTls);
  if (endpoint.tls) {
    rest.remove_prefix(kTls.size());
  } else if (rest.starts_with(kPlain)) {
    rest.remove_prefix(kPlain.size());
  }
  const std::size_t colon = rest.rfind(':');
  if (colon == std::string_view::npos || !is_port(rest.substr(colon + 1))) return expected();
  std::string_view host = rest.substr(0, colon);
  if (host.starts_with('[') && host.ends_with(']')) host = host.substr(1, host.size() - 2);
  if (host.empty() || host.find_first_of("/[]@ ") != std::string_view::npos) return expected();
  endpoint.host = host;
  endpoint.port = rest.substr(colon + 1);
  return endpoint;
}

Result<TlsContext> make_tls(const TlsFiles& files) {
  auto context = std::make_shared<asio::ssl::context>(asio::ssl::context::tls_client);
  SSL_CTX_set_min_proto_version(context->native_handle(), TLS1_2_VERSION);
  context->set_verify_mode(asio::ssl::verify_peer);
  ErrorCode failed;
  files.ca_file.empty() ? void(context->set_default_verify_paths(failed))
                        : void(context->load_verify_file(files.ca_file, failed));
  if (failed)
    return Error(Errc::invalid_parameter, text("cannot use ca_file '", files.ca_file, "': ", failed.message()));
  if (files.certificate_file.empty()) return context;
  if (const Status loaded = load_own(*context, files); !loaded) return loaded.error();
  return context;
}

Result<std::string> exchange(const Endpoint& endpoint, const EtcdRequest& request, const TlsContext& tls,
                             std::chrono::milliseconds timeout) {
  try {
    if (endpoint.tls) return Exchange<TlsStream>(endpoint, request, *tls).run(timeout);
    return Exchange<beast::tcp_stream>(endpoint, request).run(timeout);
  } catch (const std::exception& failure) {  // no descriptor, no thread for the resolver
    return Error(Errc::disconnected, text(endpoint.address(), ": ", failure.what()));
  }
}

}  // namespace tenon::election_etcd
