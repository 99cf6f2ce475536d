// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>

#include "tenon/error.hpp"

namespace tenon::election_etcd {

/// What an answer of etcd other than 200 means, and what to do about it; the codes are those of exchange(). Source:
/// etcd api/v3rpc/rpctypes/error.go, and the gateway's table from gRPC codes to HTTP.
Error refusal(std::string_view endpoint, unsigned status, std::string_view body);

/// The reason of a TLS connection that broke, with what to do where the other side said what it misses.
std::string explain_broken_tls(std::string_view reason);

}  // namespace tenon::election_etcd
