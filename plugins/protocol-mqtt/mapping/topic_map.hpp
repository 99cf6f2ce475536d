// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "tenon/error.hpp"
#include "tenon/topics.hpp"

namespace tenon::protocol_mqtt {

/// Which RocketMQ topic keeps the messages of an MQTT topic, and under which name MQTT clients see messages that came
/// by another protocol. Source of the scheme: ../shared/reference/mqtt.md section 34. Threads: immutable.
class TopicMap {
 public:
  /// Where the messages of an MQTT topic go.
  struct Route {
    std::string topic;
    /// Which level of the MQTT topic, from 1, is the tag or the key of the record; 0, or one that is not there: none.
    std::size_t tag_level = 0, keys_level = 0;
    /// One queue for all that a device says; else one for each MQTT topic.
    bool order_by_client = false;
  };
  struct Rule {
    std::string filter;
    Route route;
  };

  /// `rules` like "sensors/# -> iot-sensors tag=3 keys=2 order=client"; `name_of_others` with {topic} and {tag}. Error:
  /// invalid_parameter.
  static Result<TopicMap> make(const std::vector<std::string>& rules, std::string default_topic,
                               std::string name_of_others);

  /// That of the first rule that matches; else to the topic that the first level names, if `topics` has one that is not
  /// the system's; else to the default topic.
  Route route_of(std::string_view mqtt_topic, const Topics& topics) const;
  /// The MQTT name of a message that brings none; empty when that would be no valid name.
  std::string name_of(std::string_view topic, std::string_view tag) const;
  /// True for topics that MQTT clients may see at all: not the system's, no retries, no dead letters.
  static bool is_visible(std::string_view topic, const Topics& topics);
  /// The default topic and those that rules name: to be there before the first message.
  std::vector<std::string> own_topics() const;

 private:
  std::vector<Rule> rules_;
  std::string default_topic_;
  std::string name_of_others_;
};

/// The queue of a device topic, or of a client: always the same, so that its order holds. FNV-1a, the same in every
/// build.
std::int32_t queue_of(std::string_view name, std::int32_t queues) noexcept;
/// The level of a topic name, from 1; empty for 0, and when it has not so many.
std::string_view level_of(std::string_view mqtt_topic, std::size_t level) noexcept;

}  // namespace tenon::protocol_mqtt
