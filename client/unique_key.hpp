// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

namespace tenon::client {

/// A new message id as RocketMQ's clients make them: 32 upper-case hexadecimal digits of IPv4 address, process, a
/// number of this program start, milliseconds since the month began, and a counter. Any thread; never twice the same in
/// one process. Source: ../shared/reference/remoting-protocol.md 4.7.
std::string make_unique_key();

/// The IPv4 address that others see us at, as far as this host knows; 127.0.0.1 when it has no other.
std::string local_ip();

/// `ip@pid#number`, the client id of a program that does not care. Source: remoting-protocol.md 5.2.
std::string make_client_id();

}  // namespace tenon::client
