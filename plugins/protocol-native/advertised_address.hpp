// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string_view>

#include "tenon/error.hpp"
#include "tenon/host_address.hpp"

namespace tenon::protocol_native {

/// The address that clients are told: `advertise` if it says one (port 0 or none: the listener's), else where the first
/// listener listens, an unspecified address (0.0.0.0) replaced by this host's first one that is not loopback.
/// Error: invalid_parameter when `advertise` is no address.
Result<HostAddress> advertised_address(const HostAddress& first_listener, std::string_view advertise);

/// True when one of this host's interfaces has it (the port does not matter).
bool is_address_of_this_host(const HostAddress& address);

}  // namespace tenon::protocol_native
