// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <span>
#include <vector>

#include "logstore/options.hpp"
#include "tenon/config.hpp"

namespace tenon::logstore {

/// The keys that every store engine has, followed by the engine's own.
std::vector<ConfigKey> store_keys(std::span<const ConfigKey> of_the_engine);
/// Takes the values of the common keys over; what only the host knows (directory, clock, log) stays unset.
StoreOptions read_store_options(const ConfigSection& section, Diagnostics& complaints);

}  // namespace tenon::logstore
