// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <span>

#include "logstore/options.hpp"
#include "tenon/config.hpp"

namespace tenon::logstore {

/// The keys of every store engine: the same for all, so that changing `type` is all it takes to change the engine.
std::span<const ConfigKey> store_keys();
/// Takes the values over; what only the host knows (directory, clock, log) stays unset.
StoreOptions read_store_options(const ConfigSection& section, Diagnostics& complaints);

}  // namespace tenon::logstore
