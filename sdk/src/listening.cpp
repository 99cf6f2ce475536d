// SPDX-License-Identifier: Apache-2.0
#include "tenon/listening.hpp"

#include <boost/asio/socket_base.hpp>

#include "tenon/error.hpp"
#include "tenon/text.hpp"

namespace tenon {
namespace {

using boost::asio::ip::tcp;

tcp::endpoint resolve(std::string_view address, const boost::asio::any_io_executor& executor) {
  const auto colon = address.rfind(':');
  if (colon == std::string_view::npos) {
    throw Failure(Error(Errc::invalid_parameter, text("listen address '", address, "' is not host:port")));
  }
  auto host = address.substr(0, colon);
  if (host.starts_with('[') && host.ends_with(']')) host = host.substr(1, host.size() - 2);
  boost::system::error_code error;
  tcp::resolver resolver(executor);
  const auto found = resolver.resolve(host, address.substr(colon + 1), tcp::resolver::passive, error);
  if (error || found.empty()) {
    throw Failure(Error(Errc::io, text("listen address '", address, "' cannot be resolved: ", error.message())));
  }
  return found.begin()->endpoint();
}

/// What to do about it, behind what the system says.
const char* advice(const boost::system::error_code& error) {
  if (error == boost::asio::error::address_in_use) {
    return " (another process listens there: stop it, or choose another port)";
  }
  if (error == boost::system::errc::address_not_available) {
    return " (no network interface of this machine has that address)";
  }
  if (error == boost::asio::error::access_denied) {
    return " (ports below 1024 need root or the capability CAP_NET_BIND_SERVICE)";
  }
  return "";
}

}  // namespace

tcp::acceptor listen_on(std::string_view address, const boost::asio::any_io_executor& executor) {
  const auto endpoint = resolve(address, executor);
  boost::system::error_code error;
  const auto check = [&](const char* call) {
    if (!error) return;
    throw Failure(
        Error(Errc::io, text("cannot listen on ", address, ": ", call, ": ", error.message(), advice(error))));
  };
  tcp::acceptor acceptor(executor);
  acceptor.open(endpoint.protocol(), error);
  check("socket");
  acceptor.set_option(tcp::acceptor::reuse_address(true), error);
  check("SO_REUSEADDR");
  acceptor.bind(endpoint, error);
  check("bind");
  acceptor.listen(boost::asio::socket_base::max_listen_connections, error);
  check("listen");
  return acceptor;
}

HostAddress host_address_of(const tcp::endpoint& endpoint) {
  auto address = endpoint.address();
  if (address.is_v6() && address.to_v6().is_v4_mapped()) {
    address = boost::asio::ip::make_address_v4(boost::asio::ip::v4_mapped, address.to_v6());
  }
  return address.is_v4() ? HostAddress::v4(address.to_v4().to_bytes(), endpoint.port())
                         : HostAddress::v6(address.to_v6().to_bytes(), endpoint.port());
}

}  // namespace tenon
