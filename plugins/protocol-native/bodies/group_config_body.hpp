// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "tenon/groups.hpp"

namespace tenon::protocol_native {

/// One SubscriptionGroupConfig. remoting-protocol.md 3.11.
std::string group_config_body(const SubscriptionGroupConfig& group);
/// SubscriptionGroupWrapper of 201.
std::string group_table_body(const DataVersion& version,
                             const std::vector<std::shared_ptr<const SubscriptionGroupConfig>>& groups);

}  // namespace tenon::protocol_native
