// SPDX-License-Identifier: Apache-2.0
#include <utility>
#include <vector>

#include "broker_json/topic_config.hpp"
#include "fastjson/reader.hpp"
#include "protocol-native/admin/admin_handlers.hpp"
#include "protocol-native/admin/copied_tables.hpp"
#include "protocol-native/admin/topic_attributes.hpp"
#include "protocol-native/bodies/topic_config_body.hpp"
#include "protocol-native/request.hpp"
#include "tenon/text.hpp"

namespace tenon::protocol_native {
using remoting::RequestCode;

namespace {

Status check_topic(const Topics& topics, const TopicConfig& topic) {
  if (Status valid = validate_topic_name(topic.name); !valid) return valid;
  if (topics.is_system(topic.name)) {
    return Error(Errc::invalid_parameter, text("The topic[", topic.name, "] is conflict with system topic."));
  }
  if (is_mixed_message_type(topic.attributes)) {
    return Error(Errc::invalid_parameter, "MIXED message type is not supported.");
  }
  return {};
}

Topics::Done answer_when_copied(Request& request) {
  return [answer = request.defer(), &services = request.services()](const Status& done) {
    answer_topic_change(services, answer, done);
  };
}

/// In the JSON of a list each attribute is a member "+key": "value" or "-key".
std::string attribute_change(const Attributes& members) {
  std::string change;
  for (const auto& [key, value] : members) {
    change += text(change.empty() ? "" : ",", key, key.starts_with('-') ? "" : text("=", value));
  }
  return change;
}

void update_and_create_topic(Request& request) {
  Topics& topics = *request.services().topics;
  TopicConfig topic;
  topic.name = request.require_text("topic");
  topic.read_queue_nums = request.require_int32("readQueueNums");
  topic.write_queue_nums = request.require_int32("writeQueueNums");
  topic.perm = request.require_int32("perm");
  topic.filter_type =
      request.text("topicFilterType") == "MULTI_TAG" ? TopicFilterType::multi_tag : TopicFilterType::single_tag;
  topic.sys_flag = request.int32_or("topicSysFlag", 0);
  topic.order = request.boolean_or("order", false);
  const auto stored = topics.find(topic.name);
  auto attributes =
      change_topic_attributes(stored ? stored->attributes : Attributes(), request.text("attributes"), !stored);
  if (!attributes) return request.fail(attributes.error());
  topic.attributes = std::move(*attributes);
  if (const Status valid = check_topic(topics, topic); !valid) return request.fail(valid.error());
  if (stored && *stored == topic) return answer_when_copied(request)({});
  topics.put(std::move(topic), answer_when_copied(request));
}

void update_and_create_topic_list(Request& request) {
  Topics& topics = *request.services().topics;
  const auto json = fastjson::parse(request.body());
  if (!json) return request.fail(json.error());
  std::vector<TopicConfig> changed;
  if (const fastjson::Value* list = json->find("topicConfigList")) {
    for (const fastjson::Value& entry : list->elements()) {
      TopicConfig topic = broker_json::read_topic_config(entry);
      const auto stored = topics.find(topic.name);
      auto attributes = change_topic_attributes(stored ? stored->attributes : Attributes(),
                                                attribute_change(topic.attributes), !stored);
      if (!attributes) return request.fail(attributes.error());
      topic.attributes = std::move(*attributes);
      if (const Status valid = check_topic(topics, topic); !valid) return request.fail(valid.error());
      if (!stored || *stored != topic) changed.push_back(std::move(topic));
    }
  }
  if (changed.empty()) return answer_when_copied(request)({});
  topics.put_all(std::move(changed), answer_when_copied(request));
}

void delete_topic_here(Request& request) {
  Topics& topics = *request.services().topics;
  const std::string_view topic = request.require_text("topic");
  if (topics.is_system(topic)) {
    return request.fail(Error(Errc::invalid_parameter, text("The topic[", topic, "] is conflict with system topic.")));
  }
  topics.remove(topic, answer_when_copied(request));
}

}  // namespace

void add_topic_admin_handlers(HandlerTable& table) {
  table.add(RequestCode::update_and_create_topic, update_and_create_topic);
  table.add(RequestCode::update_and_create_topic_list, update_and_create_topic_list);
  table.add(RequestCode::delete_topic_in_broker, delete_topic_here);
}

}  // namespace tenon::protocol_native
