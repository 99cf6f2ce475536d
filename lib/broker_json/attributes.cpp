// SPDX-License-Identifier: Apache-2.0
#include "broker_json/attributes.hpp"

namespace tenon::broker_json {

void write_attributes(fastjson::Writer& json, const std::map<std::string, std::string>& attributes) {
  json.key("attributes").begin_object();
  for (const auto& [name, value] : attributes) json.member(name, value);
  json.end_object();
}

std::map<std::string, std::string> read_attributes(const fastjson::Value& owner) {
  std::map<std::string, std::string> attributes;
  const fastjson::Value* const found = owner.find("attributes");
  if (found == nullptr) return attributes;
  for (const auto& [key, value] : found->members()) {
    auto name = key.as_text();
    auto content = value.as_text();
    if (name && content) attributes[*std::move(name)] = *std::move(content);
  }
  return attributes;
}

}  // namespace tenon::broker_json
