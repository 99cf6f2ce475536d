// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "config/checked_value.hpp"

namespace tenon::kernel {

/// string_list and address_list: a TOML list, or one string for a list of one. On the command line a string is split at
/// its commas, an address list everywhere, there also at ';' as RocketMQ users are used to. Errors as check_value().
Result<CheckedValue> check_list(const ConfigKey& key, const Node& node);

}  // namespace tenon::kernel
