// SPDX-License-Identifier: Apache-2.0
#include "client/message.hpp"

#include "tenon/properties.hpp"
#include "tenon/text.hpp"

namespace tenon::client {
namespace {

constexpr std::size_t kPropertiesBytesMax = 32'767;

bool can_be_written(std::string_view part) {
  return !part.empty() && part.find_first_of("\x01\x02") == std::string_view::npos;
}

std::string joined(const std::vector<std::string>& keys) {
  std::string out;
  for (const std::string& key : keys) out += (out.empty() ? "" : " ") + key;
  return out;
}

}  // namespace

std::string MessageQueue::to_string() const { return text(topic, "/", broker_name, "/", queue_id); }

Status Message::check() const {
  if (topic.empty()) return Error(Errc::message_illegal, "a message needs a topic");
  for (const auto& [name, value] : properties) {
    if (can_be_written(name) && can_be_written(value)) continue;
    return Error(Errc::message_illegal, text("property '", name, "' of a message to ", topic,
                                             " is empty or has one of the control characters 1 and 2"));
  }
  for (const std::string& key : keys) {
    if (can_be_written(key) && key.find(' ') == std::string::npos) continue;
    return Error(Errc::message_illegal,
                 text("key '", key, "' of a message to ", topic, " is empty or has a space in it"));
  }
  if (tags.find_first_of("\x01\x02") != std::string::npos)
    return Error(Errc::message_illegal, "a tag has a control character");
  const std::size_t bytes = wire_properties(std::string(32, '0')).size();
  if (bytes <= kPropertiesBytesMax) return {};
  return Error(Errc::message_illegal, text("the properties of a message to ", topic, " take ", bytes,
                                           " bytes, at most ", kPropertiesBytesMax, " fit"));
}

std::string Message::wire_properties(std::string_view unique_key) const {
  std::string wire;
  for (const auto& [name, value] : properties) append_property(wire, name, value);
  append_property(wire, property::keys, joined(keys));
  append_property(wire, property::unique_key, unique_key);
  append_property(wire, property::wait, "true");
  append_property(wire, property::tags, tags);
  if (delay_level > 0) append_property(wire, property::delay, std::to_string(delay_level));
  return wire;
}

std::string_view MessageExt::property(std::string_view name) const {
  return PropertiesView(properties).find(name).value_or(std::string_view{});
}

std::string_view MessageExt::tags() const { return property(tenon::property::tags); }
std::string_view MessageExt::keys() const { return property(tenon::property::keys); }

}  // namespace tenon::client
