// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string_view>

#include "fastjson/value.hpp"
#include "fastjson/writer.hpp"
#include "tenon/topics.hpp"

namespace tenon::broker_json {

/// TopicConfig as in topics.json and in the bodies of 17, 21, 103, 351. Source: remoting-protocol.md 3.4.
void write_topic_config(fastjson::Writer& json, const TopicConfig& topic);
/// Missing members have Java's defaults. `name_otherwise` is for entries whose name stands in the map's key only.
TopicConfig read_topic_config(const fastjson::Value& json, std::string_view name_otherwise = {});

/// "SINGLE_TAG", "MULTI_TAG".
std::string_view filter_type_name(TopicFilterType type) noexcept;
/// By name or ordinal, as fastjson reads enums; single_tag for anything else.
TopicFilterType filter_type_of(std::string_view name_or_ordinal) noexcept;

}  // namespace tenon::broker_json
