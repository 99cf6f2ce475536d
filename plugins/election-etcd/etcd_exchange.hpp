// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <boost/asio/ssl/context.hpp>
#include <chrono>
#include <memory>
#include <string>
#include <string_view>

#include "tenon/error.hpp"

namespace tenon::election_etcd {

/// Where an etcd server listens for clients: "https://host:port", "http://host:port", or "host:port", which is HTTP.
struct Endpoint {
  bool tls = false;
  std::string host, port;  ///< The host of an IPv6 address without its brackets.

  /// As it is written in a request and in complaints.
  std::string address() const;
};
/// Error: invalid_parameter.
Result<Endpoint> parse_endpoint(std::string_view words);

/// PEM files; an empty name: not used.
struct TlsFiles {
  std::string ca_file;                     ///< Empty: the authorities that this machine trusts.
  std::string certificate_file, key_file;  ///< Of this client.
};
using TlsContext = std::shared_ptr<boost::asio::ssl::context>;
/// Error: invalid_parameter, with the key of the configuration and the file.
Result<TlsContext> make_tls(const TlsFiles& files);

struct EtcdRequest {
  std::string path, body;
  std::string token;  ///< Of a user; empty: none.
};

/// One request and its answer on a connection of its own, which may take so long as a whole. `tls` may be empty unless
/// the endpoint wants it.
/// Errors: timed_out, disconnected (no connection, no trust), service_not_available (this server cannot, another
/// might), query_not_found (the lease is over), no_permission (a token is missing or not good any more), not_supported
/// (etcd has no users), internal (another refusal).
Result<std::string> exchange(const Endpoint& endpoint, const EtcdRequest& request, const TlsContext& tls,
                             std::chrono::milliseconds timeout);

}  // namespace tenon::election_etcd
