// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <span>

#include "logstore/options.hpp"
#include "tenon/config.hpp"

namespace tenon::store_mmap {

/// The keys of the plug-in's table.
std::span<const ConfigKey> store_keys();
/// Takes the values over; what only the host knows (directory, clock, log) stays unset.
logstore::StoreOptions read_store_options(const ConfigSection& section, Diagnostics& complaints);

}  // namespace tenon::store_mmap
