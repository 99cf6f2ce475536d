// SPDX-License-Identifier: Apache-2.0
#include "protocol-mqtt/mapping/record_mapping.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <vector>

#include "mqtt/properties.hpp"
#include "mqtt/topic.hpp"
#include "mqtt/utf8.hpp"
#include "protocol-mqtt/base64url.hpp"
#include "remoting/zlib_stream.hpp"

namespace tenon::protocol_mqtt {
namespace {

using mqtt::Properties;
using mqtt::PropertyPlace;

/// What a device may not set, and what no device is shown: the broker's own, and ours.
constexpr std::array kBrokerProperties{property::wait,
                                       property::delay,
                                       property::retry_topic,
                                       property::real_topic,
                                       property::real_queue_id,
                                       property::producer_group,
                                       property::transaction_prepared,
                                       property::origin_message_id,
                                       property::unique_key,
                                       property::reconsume_time,
                                       property::max_reconsume_times,
                                       property::msg_region,
                                       property::trace_on,
                                       property::cluster,
                                       property::correlation_id,
                                       property::reply_to_client,
                                       property::message_type,
                                       property::pop_receipt,
                                       property::push_reply_time,
                                       property::timer_delay_sec,
                                       property::timer_delay_ms,
                                       property::timer_deliver_ms,
                                       mqtt_property::topic,
                                       mqtt_property::qos,
                                       mqtt_property::client_id,
                                       mqtt_property::user,
                                       mqtt_property::retain,
                                       mqtt_property::expiry,
                                       mqtt_property::packet_id,
                                       mqtt_property::block};

bool is_broker_property(std::string_view name) {
  return std::ranges::find(kBrokerProperties, name) != kBrokerProperties.end() || name.starts_with("__") ||
         name.starts_with("INNER_") || name.starts_with("TRANSACTION_") || name.starts_with("TIMER_");
}

constexpr std::string_view kLightQueues = "INNER_MULTI_DISPATCH", kLightQueuePrefix = "%LMQ%";

bool has_separator(std::string_view text) { return text.find_first_of("\x01\x02") != std::string_view::npos; }

void put_if_plain(std::string& wire, std::string_view name, std::string_view value) {
  if (!has_separator(name) && !has_separator(value)) append_property(wire, name, value);
}

/// The user properties of 5.0 as properties of the record; TAGS and KEYS among them are its tag and keys, and not those
/// of `rules`.
void put_user_properties(std::string& wire, std::string_view block, RecordRules& rules) {
  Properties properties;
  mqtt::Reader reader(block);
  properties.decode_block(reader, PropertyPlace::publish);
  for (const auto& [name, value] : properties.user_properties) {
    if (name.empty() || is_broker_property(name)) continue;
    if (name == property::tags) rules.tag = {};
    if (name == property::keys) rules.keys = {};
    put_if_plain(wire, name, value);
  }
}

template <class Integer>
Integer number_or(std::optional<std::string_view> text, Integer absent) {
  Integer value = absent;
  if (text) std::from_chars(text->data(), text->data() + text->size(), value);
  return value;
}

/// What a device that knows 5.0 is told of a record by another protocol: its properties as user properties.
std::string block_of_others(const PropertiesView& record) {
  Properties properties;
  record.for_each([&](std::string_view name, std::string_view value) {
    if (is_broker_property(name) || !mqtt::is_valid_text(name) || !mqtt::is_valid_text(value)) return;
    properties.user_properties.emplace_back(name, value);
  });
  std::string block;
  properties.encode_block(block);
  return block;
}

/// What MQTT wants to know of a record, gathered in one walk over its properties.
struct Fields {
  using Value = std::optional<std::string_view>;
  Value topic, tags, block, client_id, expiry, qos, retain, packet_id, light_queues;

  explicit Fields(const PropertiesView& record) {
    record.for_each([this](std::string_view name, std::string_view value) {
      for (const auto& [known, field] : kNames) {
        if (name == known) this->*field = value;  // of several with one name the last counts
      }
    });
  }

 private:
  static const std::pair<std::string_view, Value Fields::*> kNames[9];
};

constexpr std::pair<std::string_view, Fields::Value Fields::*> Fields::kNames[] = {
    {mqtt_property::topic, &Fields::topic},   {property::tags, &Fields::tags},
    {mqtt_property::block, &Fields::block},   {mqtt_property::client_id, &Fields::client_id},
    {mqtt_property::expiry, &Fields::expiry}, {mqtt_property::qos, &Fields::qos},
    {mqtt_property::retain, &Fields::retain}, {mqtt_property::packet_id, &Fields::packet_id},
    {kLightQueues, &Fields::light_queues},
};

/// The MQTT topic that a producer for Apache rocketmq-mqtt means: it names light queues, each a topic or a filter with
/// '%' for '/', and a '%' more at the end. The first that is no filter counts; empty when there is none.
std::string name_in_light_queues(std::string_view list) {
  while (!list.empty()) {
    std::string_view queue = list.substr(0, list.find(','));
    list.remove_prefix(std::min(list.size(), queue.size() + 1));
    if (!queue.starts_with(kLightQueuePrefix)) continue;
    queue.remove_prefix(kLightQueuePrefix.size());
    if (queue.size() > 1 && queue.ends_with('%')) queue.remove_suffix(1);
    std::string name(queue);
    std::ranges::replace(name, '%', '/');
    if (mqtt::is_valid_topic_name(name) && mqtt::is_valid_text(name)) return name;
  }
  return {};
}

std::string block_of(const PropertiesView& record, const Fields& fields) {
  if (!fields.block) return fields.topic ? std::string() : block_of_others(record);
  std::string block = from_base64(*fields.block).value_or(std::string());
  Properties check;
  mqtt::Reader reader(block);
  check.decode_block(reader, PropertyPlace::publish);
  if (reader.failed()) return {};
  // Another protocol's clients may have written it: these belong to one connection, or are in a property of their own.
  check.remove(mqtt::PropertyId::topic_alias);
  check.remove(mqtt::PropertyId::message_expiry_interval);
  check.subscription_identifiers.clear();
  std::string clean;
  check.encode_block(clean);
  return clean;
}

std::string_view as_text(std::span<const std::byte> bytes) {
  return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

/// Java clients compress bodies of 4 KiB and more: zlib, or one of two others in newer clients.
constexpr std::int32_t kCompressionMask = 0x700;
constexpr std::int32_t kCompressionZlib = 0x300;
constexpr std::size_t kBodyMax = std::size_t{64} << 20;

}  // namespace

Result<std::string> record_properties(const IncomingMessage& incoming, const RecordRules& given) {
  const Message& message = incoming.message;
  if (has_separator(message.topic)) {
    return Error(Errc::message_illegal, "the topic name holds U+0001 or U+0002, which RocketMQ cannot store");
  }
  std::string wire;
  constexpr std::size_t kUsual = 128;  // names and short values
  wire.reserve(kUsual + message.topic.size() + message.publisher.size() + 2 * message.properties.size());
  RecordRules rules = given;
  if (rules.tag.empty()) rules.tag = kMqttTag;
  if (rules.user_properties && !message.properties.empty()) put_user_properties(wire, message.properties, rules);
  if (!rules.tag.empty()) append_property(wire, property::tags, rules.tag);
  if (!rules.keys.empty()) append_property(wire, property::keys, rules.keys);
  append_property(wire, mqtt_property::topic, message.topic);
  append_property(wire, mqtt_property::qos, text(static_cast<int>(message.qos)));
  put_if_plain(wire, mqtt_property::client_id, message.publisher);
  put_if_plain(wire, mqtt_property::user, incoming.user_name);
  if (message.retain) append_property(wire, mqtt_property::retain, "true");
  if (message.expires_at_ms != 0) append_property(wire, mqtt_property::expiry, text(message.expires_at_ms));
  if (incoming.qos2_packet_id != 0) append_property(wire, mqtt_property::packet_id, text(incoming.qos2_packet_id));
  if (!message.properties.empty()) append_property(wire, mqtt_property::block, to_base64url(message.properties));
  constexpr std::size_t kForTheBroker = 512;  // UNIQ_KEY, CLUSTER, ...
  if (wire.size() + kForTheBroker <= kRecordPropertiesMax) return wire;
  return Error(Errc::message_illegal, "the topic and properties are longer than a RocketMQ record can hold");
}

bool with_message_of(const tenon::Message& record, PhysicalOffset place, const TopicMap& map,
                     const std::function<void(const Message&)>& use) {
  const PropertiesView properties(record.properties);
  const Fields fields(properties);
  std::string made;
  if (!fields.topic && fields.light_queues) made = name_in_light_queues(*fields.light_queues);
  if (!fields.topic && made.empty()) made = map.name_of(record.topic, fields.tags.value_or(""));
  const std::string_view name = fields.topic.value_or(made);
  if (!mqtt::is_valid_topic_name(name) || is_reserved(name) || (fields.topic && !mqtt::is_valid_text(name))) {
    return false;
  }
  Message message;
  message.topic = name;
  message.payload = as_text(record.body);
  std::vector<std::byte> inflated;
  if ((record.sys_flag & sys_flag::compressed) != 0) {
    const std::int32_t kind = record.sys_flag & kCompressionMask;
    if (kind != 0 && kind != kCompressionZlib) return false;
    auto plain = remoting::inflate_bounded(record.body, kBodyMax);
    if (!plain) return false;
    inflated = std::move(*plain);
    message.payload = as_text(inflated);
  }
  const std::string block = block_of(properties, fields);
  message.properties = block;
  message.publisher = fields.client_id.value_or("");
  message.expires_at_ms = number_or<std::int64_t>(fields.expiry, 0);
  message.qos = std::min<std::uint8_t>(2, number_or<std::uint8_t>(fields.qos, 1));
  message.retain = fields.retain == "true";
  message.place = place;
  message.qos2_packet_id = number_or<std::uint16_t>(fields.packet_id, 0);
  use(message);
  return true;
}

}  // namespace tenon::protocol_mqtt
