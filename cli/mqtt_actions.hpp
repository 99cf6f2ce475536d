// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include "exit_code.hpp"
#include "mqtt/control_client.hpp"

namespace tenon::cli {

struct MqttListOptions {
  ControlOptions control;
  std::string command;  ///< Of the broker: "clients", "sessions", "subscriptions", "retained".
  std::string format = "table";
  std::size_t limit = 100'000;
};

struct MqttKickOptions {
  ControlOptions control;
  std::string client;
};

ExitCode list_mqtt(const MqttListOptions& options);
/// failure when the broker does not know the client.
ExitCode kick_mqtt_client(const MqttKickOptions& options);

}  // namespace tenon::cli
