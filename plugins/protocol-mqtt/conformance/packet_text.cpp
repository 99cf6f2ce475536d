// SPDX-License-Identifier: Apache-2.0
#include "protocol-mqtt/conformance/packet_text.hpp"

#include <array>
#include <functional>
#include <sstream>
#include <stdexcept>
#include <vector>

#include "tenon/text.hpp"

namespace tenon::protocol_mqtt::conformance {
namespace {

using mqtt::PacketType;
using mqtt::Properties;
using mqtt::PropertyId;
using mqtt::ReasonCode;

constexpr std::array<std::string_view, 16> kKinds{
    "",          "connect", "connack",     "publish",  "puback",  "pubrec",   "pubrel",     "pubcomp",
    "subscribe", "suback",  "unsubscribe", "unsuback", "pingreq", "pingresp", "disconnect", "auth"};

struct NamedProperty {
  std::string_view name;
  PropertyId id;
  bool is_text;
};
constexpr NamedProperty kProperties[] = {
    {"expiry", PropertyId::session_expiry_interval, false},
    {"receive", PropertyId::receive_maximum, false},
    {"largest", PropertyId::maximum_packet_size, false},
    {"aliases", PropertyId::topic_alias_maximum, false},
    {"problems", PropertyId::request_problem_information, false},
    {"method", PropertyId::authentication_method, true},
    {"data", PropertyId::authentication_data, true},
    {"message_expiry", PropertyId::message_expiry_interval, false},
    {"alias", PropertyId::topic_alias, false},
    {"type", PropertyId::content_type, true},
    {"reply", PropertyId::response_topic, true},
    {"correlation", PropertyId::correlation_data, true},
    {"utf8", PropertyId::payload_format_indicator, false},
    {"assigned", PropertyId::assigned_client_identifier, true},
    {"ask_response", PropertyId::request_response_information, false},
    {"response", PropertyId::response_information, true},
    {"reason", PropertyId::reason_string, true},
    {"server_keep_alive", PropertyId::server_keep_alive, false},
};

PacketType type_of_kind(std::string_view kind) {
  for (std::size_t i = 1; i < kKinds.size(); ++i) {
    if (kKinds[i] == kind) return static_cast<PacketType>(i);
  }
  throw std::runtime_error(text("no packet is called '", kind, "'"));
}

std::vector<std::string_view> parts_of(std::string_view list) {
  std::vector<std::string_view> parts;
  while (!list.empty()) {
    const std::size_t comma = list.find(',');
    parts.push_back(list.substr(0, comma));
    list = comma == std::string_view::npos ? std::string_view{} : list.substr(comma + 1);
  }
  return parts;
}

void add_user_properties(std::string_view list, Properties& properties) {
  for (const std::string_view pair : parts_of(list)) {
    const std::size_t colon = pair.find(':');
    properties.user_properties.emplace_back(pair.substr(0, colon), pair.substr(colon + 1));
  }
}

Properties properties_of(const PacketText& it) {
  Properties properties;
  for (const NamedProperty& known : kProperties) {
    if (!it.has(known.name)) continue;
    known.is_text ? properties.set(known.id, it.field(known.name)) : properties.set(known.id, it.number(known.name));
  }
  if (it.has("subscription")) properties.subscription_identifiers.push_back(it.number("subscription"));
  add_user_properties(it.field("user_properties"), properties);
  return properties;
}

mqtt::Packet connect_of(const PacketText& it) {
  mqtt::Connect connect;
  connect.version = static_cast<mqtt::ProtocolVersion>(it.number("v", 5));
  connect.client_id = it.field("client");
  connect.clean_start = it.number("clean", 1) != 0;
  connect.keep_alive_s = static_cast<std::uint16_t>(it.number("keepalive"));
  if (it.has("user")) connect.user_name = it.field("user");
  if (it.has("password")) connect.password = it.field("password");
  connect.properties = properties_of(it);
  if (!it.has("will")) return connect;
  mqtt::Will& will = connect.will.emplace();
  will.topic = it.field("will");
  will.payload = it.field("will_payload", "gone");
  will.qos = static_cast<std::uint8_t>(it.number("will_qos"));
  will.retain = it.number("will_retain") != 0;
  add_user_properties(it.field("will_user_properties"), will.properties);
  if (it.has("will_delay")) will.properties.set(PropertyId::will_delay_interval, it.number("will_delay"));
  return connect;
}

mqtt::Packet publish_of(const PacketText& it) {
  mqtt::Publish publish;
  publish.topic = it.field("topic");
  publish.payload = it.field("payload");
  publish.qos = static_cast<std::uint8_t>(it.number("qos"));
  publish.retain = it.number("retain") != 0;
  publish.dup = it.number("dup") != 0;
  publish.packet_id = static_cast<std::uint16_t>(it.number("id"));
  publish.properties = properties_of(it);
  return publish;
}

mqtt::Packet subscribe_of(const PacketText& it) {
  mqtt::Subscribe subscribe;
  subscribe.packet_id = static_cast<std::uint16_t>(it.number("id", 1));
  subscribe.properties = properties_of(it);
  mqtt::SubscriptionOptions options;
  options.qos = static_cast<std::uint8_t>(it.number("qos"));
  options.no_local = it.number("no_local") != 0;
  options.retain_as_published = it.number("keep_retain") != 0;
  options.retain_handling = static_cast<mqtt::RetainHandling>(it.number("handling"));
  for (const std::string_view filter : parts_of(it.field("filter"))) subscribe.requests.push_back({filter, options});
  return subscribe;
}

mqtt::Packet packet_of(const PacketText& it) {
  const PacketType type = type_of_kind(it.kind);
  const auto id = static_cast<std::uint16_t>(it.number("id", 1));
  const auto code = static_cast<ReasonCode>(it.number("code"));
  switch (type) {
    case PacketType::connect:
      return connect_of(it);
    case PacketType::publish:
      return publish_of(it);
    case PacketType::subscribe:
      return subscribe_of(it);
    case PacketType::unsubscribe:
      return mqtt::Unsubscribe{id, {}, parts_of(it.field("filter"))};
    case PacketType::puback:
    case PacketType::pubrec:
    case PacketType::pubrel:
    case PacketType::pubcomp:
      return mqtt::PublishAnswer{type, id, code, {}};
    case PacketType::pingreq:
      return mqtt::Ping{type};
    case PacketType::disconnect:
    case PacketType::auth:
      return mqtt::Closing{type, code, properties_of(it)};
    default:
      throw std::runtime_error(text("a client sends no ", it.kind));
  }
}

void describe_properties(const Properties& properties, PacketText& out) {
  for (const NamedProperty& known : kProperties) {
    if (!properties.has(known.id)) continue;
    out.fields[std::string(known.name)] =
        known.is_text ? std::string(*properties.text(known.id)) : std::to_string(*properties.number(known.id));
  }
  std::string joined;
  for (const std::uint32_t id : properties.subscription_identifiers) {
    joined += text(joined.empty() ? "" : ",", id);
  }
  if (!joined.empty()) out.fields["subscription"] = joined;
  joined.clear();
  for (const auto& [name, value] : properties.user_properties) {
    joined += text(joined.empty() ? "" : ",", name, ":", value);
  }
  if (!joined.empty()) out.fields["user_properties"] = joined;
}

std::string code_text(ReasonCode code) { return std::to_string(static_cast<unsigned>(code)); }

struct Describe {
  PacketText& out;
  void set(const char* name, std::uint32_t value) const { out.fields[name] = std::to_string(value); }

  void operator()(const mqtt::Connack& connack) const {
    set("present", connack.session_present ? 1 : 0);
    set("code", connack.code);
    describe_properties(connack.properties, out);
  }
  void operator()(const mqtt::Publish& publish) const {
    out.fields["topic"] = publish.topic;
    out.fields["payload"] = publish.payload;
    set("qos", publish.qos);
    set("retain", publish.retain ? 1 : 0);
    set("dup", publish.dup ? 1 : 0);
    set("id", publish.packet_id);
    describe_properties(publish.properties, out);
  }
  void operator()(const mqtt::PublishAnswer& answer) const {
    set("id", answer.packet_id);
    out.fields["code"] = code_text(answer.reason);
    describe_properties(answer.properties, out);
  }
  void operator()(const mqtt::SubscribeAnswer& answer) const {
    set("id", answer.packet_id);
    describe_properties(answer.properties, out);
    std::string codes;
    for (const ReasonCode code : answer.codes) codes += (codes.empty() ? "" : ",") + code_text(code);
    out.fields["codes"] = codes;
  }
  void operator()(const mqtt::Closing& closing) const {
    out.fields["code"] = code_text(closing.reason);
    describe_properties(closing.properties, out);
  }
  template <class Other>
  void operator()(const Other&) const {}
};

}  // namespace

std::string_view PacketText::field(std::string_view name, std::string_view absent) const {
  const auto found = fields.find(name);
  return found == fields.end() ? absent : std::string_view(found->second);
}

std::uint32_t PacketText::number(std::string_view name, std::uint32_t absent) const {
  const auto found = fields.find(name);
  return found == fields.end() ? absent : static_cast<std::uint32_t>(std::stoul(found->second, nullptr, 0));
}

std::string PacketText::to_string() const {
  std::string out = kind;
  for (const auto& [name, value] : fields) out += text(" ", name, "=", value);
  return out;
}

PacketText parse_packet_text(std::string_view line) {
  std::istringstream words{std::string(line)};
  PacketText out;
  words >> out.kind;
  std::string word;
  while (words >> word) {
    const std::size_t equals = word.find('=');
    if (equals == std::string::npos) throw std::runtime_error(text("'", word, "' has no '='"));
    out.fields[word.substr(0, equals)] = word.substr(equals + 1);
  }
  return out;
}

std::string bytes_of(const PacketText& it, mqtt::ProtocolVersion version) {
  std::string bytes;
  mqtt::encode(packet_of(it), version, bytes);
  return bytes;
}

PacketText describe(const mqtt::Packet& packet) {
  PacketText out;
  out.kind = kKinds[static_cast<std::size_t>(mqtt::type_of(packet))];
  std::visit(Describe{out}, packet);
  return out;
}

}  // namespace tenon::protocol_mqtt::conformance
