// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <string_view>

#include "tenon/export.hpp"
#include "tenon/host_address.hpp"

/// What every plug-in that serves a protocol needs before its first connection.
namespace tenon {

/// Opens, binds and listens. `address` is "host:port" or "[v6]:port", as configuration keys of type `address_list` hold
/// it; port 0: the system chooses. A name is resolved here, which may block: for Plugin::start(), not for an I/O
/// thread. Nothing is accepted yet. Ownership: the caller's. Throws Failure: invalid_parameter (no "host:port") or io,
/// with the address and the reason.
TENON_EXPORT boost::asio::ip::tcp::acceptor listen_on(std::string_view address,
                                                      const boost::asio::any_io_executor& executor);

/// The end of a socket as records and clients are told of it.
TENON_EXPORT HostAddress host_address_of(const boost::asio::ip::tcp::endpoint& endpoint);

}  // namespace tenon
