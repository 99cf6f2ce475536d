// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string_view>

#include "fastjson/value.hpp"
#include "fastjson/writer.hpp"
#include "tenon/groups.hpp"

namespace tenon::broker_json {

/// SubscriptionGroupConfig as in subscriptionGroup.json and in the bodies of 200, 201, 352. The retry policy is written
/// as it came, and left out if it is no JSON. Source: remoting-protocol.md 3.11.
void write_group_config(fastjson::Writer& json, const SubscriptionGroupConfig& group);
/// Missing members have Java's defaults. `name_otherwise` is for entries whose name stands in the map's key only.
SubscriptionGroupConfig read_group_config(const fastjson::Value& json, std::string_view name_otherwise = {});

}  // namespace tenon::broker_json
