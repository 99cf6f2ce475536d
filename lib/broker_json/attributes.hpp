// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <map>
#include <string>

#include "fastjson/value.hpp"
#include "fastjson/writer.hpp"

namespace tenon::broker_json {

/// The member `attributes` of topics and groups: an object of texts.
void write_attributes(fastjson::Writer& json, const std::map<std::string, std::string>& attributes);
/// Of the object `owner`; names and values that are no text are left out.
std::map<std::string, std::string> read_attributes(const fastjson::Value& owner);

}  // namespace tenon::broker_json
