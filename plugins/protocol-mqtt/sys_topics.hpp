// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <string_view>

#include "protocol-mqtt/engine/engine.hpp"

namespace tenon::protocol_mqtt {

/// How often something happens a minute, as the average of the last 1, 5 and 15 minutes: newer time counts more.
class LoadAverage {
 public:
  /// `total` has grown since the last call, which was `seconds` ago.
  void add(std::uint64_t total, double seconds);
  double last(std::size_t minutes_index) const noexcept { return averages_[minutes_index]; }
  static constexpr std::array<int, 3> kMinutes{1, 5, 15};

 private:
  std::uint64_t total_ = 0;
  std::array<double, 3> averages_{};
};

/// Tells the state of the server under $SYS/broker/, by Mosquitto's names, retained, each topic when it has changed.
/// Source: mosquitto(8); ../shared/reference/mqtt.md section 23. Threads: the engine's.
class SysTopics {
 public:
  SysTopics(Engine& engine, std::int64_t start_ms) : engine_(engine), start_ms_(start_ms), last_ms_(start_ms) {}
  void publish();

 private:
  struct Load {
    std::string_view name;
    std::uint64_t EngineCounters::*counter;
    LoadAverage average;
  };

  void say(std::string_view topic, std::string value);
  void say(std::string_view topic, std::uint64_t value) { say(topic, std::to_string(value)); }
  void say_clients();
  void say_counters();
  void say_stores();
  void say_loads();

  Engine& engine_;
  const std::int64_t start_ms_;
  std::int64_t last_ms_;
  std::uint64_t heap_max_ = 0;
  std::array<Load, 9> loads_{{{"messages/received", &EngineCounters::packets_received, {}},
                              {"messages/sent", &EngineCounters::packets_sent, {}},
                              {"publish/received", &EngineCounters::publishes_received, {}},
                              {"publish/sent", &EngineCounters::publishes_sent, {}},
                              {"publish/dropped", &EngineCounters::publishes_dropped, {}},
                              {"bytes/received", &EngineCounters::bytes_received, {}},
                              {"bytes/sent", &EngineCounters::bytes_sent, {}},
                              {"connections", &EngineCounters::connects, {}},
                              {"sockets", &EngineCounters::sockets, {}}}};
  TextMap<std::string> said_;
};

}  // namespace tenon::protocol_mqtt
