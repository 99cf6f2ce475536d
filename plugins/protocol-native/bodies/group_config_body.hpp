// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "fastjson/value.hpp"
#include "fastjson/writer.hpp"
#include "tenon/groups.hpp"

namespace tenon::protocol_native {

/// SubscriptionGroupConfig and the tables of it. remoting-protocol.md 3.11.
void write_group_config(fastjson::Writer& json, const SubscriptionGroupConfig& group);
/// Missing members have Java's defaults.
SubscriptionGroupConfig read_group_config(const fastjson::Value& json);

std::string group_config_body(const SubscriptionGroupConfig& group);
/// SubscriptionGroupWrapper of 201.
std::string group_table_body(const DataVersion& version,
                             const std::vector<std::shared_ptr<const SubscriptionGroupConfig>>& groups);

}  // namespace tenon::protocol_native
