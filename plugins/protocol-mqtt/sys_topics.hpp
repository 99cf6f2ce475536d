// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "protocol-mqtt/engine/engine.hpp"

namespace tenon::protocol_mqtt {

/// Tells the state of the server under $SYS/broker/, by Mosquitto's names, retained, each topic when it has changed.
/// Source: mosquitto(8); ../shared/reference/mqtt.md section 23. Threads: the engine's.
class SysTopics {
 public:
  SysTopics(Engine& engine, std::int64_t start_ms) : engine_(engine), start_ms_(start_ms) {}
  void publish();

 private:
  void say(std::string_view topic, std::string value);
  void say(std::string_view topic, std::uint64_t value) { say(topic, std::to_string(value)); }

  Engine& engine_;
  const std::int64_t start_ms_;
  TextMap<std::string> said_;
};

}  // namespace tenon::protocol_mqtt
