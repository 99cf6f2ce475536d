// SPDX-License-Identifier: Apache-2.0
#include "protocol-native/bodies/register_broker_body.hpp"

#include <utility>

#include "broker_json/data_version.hpp"
#include "fastjson/reader.hpp"
#include "remoting/mq_version.hpp"
#include "remoting/register_body.hpp"

namespace tenon::protocol_native {
namespace {

RegisterBrokerBody topic_table_of(const fastjson::Value& wrapper) {
  RegisterBrokerBody out;
  out.version = broker_json::data_version_of(wrapper);
  out.topics = read_topic_config_table(wrapper.find("topicConfigTable"));
  return out;
}

Result<RegisterBrokerBody> read_compressed(std::span<const std::byte> body, std::int32_t broker_version) {
  const auto parts = remoting::decode_compressed_register_body(body, broker_version >= remoting::mq_version::v5_0_0);
  if (!parts) return parts.error();
  RegisterBrokerBody out;
  const auto version = fastjson::parse(parts->data_version);
  if (!version) return version.error();
  out.version = broker_json::read_data_version(*version);
  out.topics.reserve(parts->topic_configs.size());
  for (const std::string& encoded : parts->topic_configs) {
    Result<TopicConfig> topic = decode_topic_config(encoded);
    if (!topic) return topic.error();
    out.topics.push_back(std::make_shared<const TopicConfig>(std::move(*topic)));
  }
  return out;
}

}  // namespace

Result<RegisterBrokerBody> read_register_broker_body(std::span<const std::byte> body, RegisterBodyForm form) {
  if (body.empty()) return RegisterBrokerBody();
  if (form.compressed) return read_compressed(body, form.broker_version);
  const auto json = fastjson::parse(body);
  if (!json) return json.error();
  if (form.broker_version < remoting::mq_version::v3_0_11) return topic_table_of(*json);
  const fastjson::Value* wrapper = json->find("topicConfigSerializeWrapper");
  return wrapper == nullptr ? RegisterBrokerBody() : topic_table_of(*wrapper);
}

std::string register_broker_body(const BrokerRegistration& registration) {
  std::string body;
  fastjson::Writer json(body, {.integer_keys = fastjson::IntegerKeys::quoted});
  json.begin_object().key("filterServerList").begin_array().end_array().key("topicConfigSerializeWrapper");
  write_topic_table(json, registration.version, registration.topics);
  json.end_object();
  return body;
}

std::vector<std::byte> compressed_register_broker_body(const BrokerRegistration& registration) {
  remoting::RegisterParts parts;
  fastjson::Writer json(parts.data_version);
  broker_json::write_data_version(json, registration.version);
  parts.topic_configs.reserve(registration.topics.size());
  for (const auto& topic : registration.topics) parts.topic_configs.push_back(encode_topic_config(*topic));
  parts.filter_servers = "[]";
  return remoting::encode_compressed_register_body(parts, true);
}

}  // namespace tenon::protocol_native
