// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <span>

#include "election-etcd/etcd_keys.hpp"
#include "tenon/config.hpp"

namespace tenon::election_etcd {

/// The keys of `[plugins.election-etcd]`.
std::span<const ConfigKey> election_keys();

/// How etcd is reached, with the password out of its file. Certificates are looked at here, too, so that a mistake is
/// found at the start.
EtcdAccess read_access(const ConfigSection& section, Diagnostics& complaints);

}  // namespace tenon::election_etcd
