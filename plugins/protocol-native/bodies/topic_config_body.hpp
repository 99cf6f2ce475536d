// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "fastjson/value.hpp"
#include "fastjson/writer.hpp"
#include "tenon/error.hpp"
#include "tenon/topics.hpp"

namespace tenon::protocol_native {

using TopicList = std::vector<std::shared_ptr<const TopicConfig>>;

/// The encode string of a compressed registration (remoting-protocol.md 3.11): five fields separated by spaces. The
/// sixth, attributes, is left out: 4.9 refuses it and no name server reads it.
std::string encode_topic_config(const TopicConfig& topic);
/// Reads five fields or more. Error: message_illegal.
Result<TopicConfig> decode_topic_config(std::string_view text);

/// Members `dataVersion`, `mappingDataVersion`, `topicConfigTable` and the empty mappings of an object: the
/// TopicConfigAndMappingSerializeWrapper of 21 and 103.
void write_topic_table(fastjson::Writer& json, const DataVersion& version, const TopicList& topics);
std::string topic_table_body(const DataVersion& version, const TopicList& topics);
/// The topics of a `topicConfigTable` object.
TopicList read_topic_config_table(const fastjson::Value* table);

}  // namespace tenon::protocol_native
