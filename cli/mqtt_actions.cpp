// SPDX-License-Identifier: Apache-2.0
#include "mqtt_actions.hpp"

#include <cstdio>

#include "rows.hpp"
#include "tenon/text.hpp"

namespace tenon::cli {

ExitCode list_mqtt(const MqttListOptions& options) {
  const auto rows = ControlClient(options.control).rows(options.command, options.limit);
  print_rows(rows, options.format, text("no ", options.command));
  return ExitCode::ok;
}

ExitCode kick_mqtt_client(const MqttKickOptions& options) {
  if (ControlClient(options.control).kick(options.client)) {
    std::printf("%s: its connection and its session are ended\n", options.client.c_str());
    return ExitCode::ok;
  }
  std::fprintf(stderr, "%s: the broker knows no such client\n", options.client.c_str());
  return ExitCode::failure;
}

}  // namespace tenon::cli
