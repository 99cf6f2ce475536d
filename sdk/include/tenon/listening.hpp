// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <string_view>

#include "tenon/export.hpp"
#include "tenon/host_address.hpp"

/// What every plug-in that serves a protocol needs before its first connection.
namespace tenon {

/// Opens a socket, binds it and listens. `address` is "host:port" or "[v6]:port", as configuration keys of type
/// `address_list` hold it; with port 0 the system chooses one. Nothing is accepted yet. Ownership: the caller's.
/// Threads: any that may block, such as that of Plugin::start(), because a host name is resolved. Throws Failure:
/// invalid_parameter (no "host:port") or io, with the address and the reason.
TENON_EXPORT boost::asio::ip::tcp::acceptor listen_on(std::string_view address,
                                                      const boost::asio::any_io_executor& executor);

/// The address of one end of a socket, in the form that records and clients get.
TENON_EXPORT HostAddress host_address_of(const boost::asio::ip::tcp::endpoint& endpoint);

}  // namespace tenon
