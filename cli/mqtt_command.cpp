// SPDX-License-Identifier: Apache-2.0
#include <CLI/CLI.hpp>
#include <memory>

#include "command.hpp"
#include "mqtt_actions.hpp"
#include "rows.hpp"

namespace tenon::cli {
namespace {

void add_control_options(CLI::App& command, ControlOptions& control) {
  command.add_option("-a,--address", control.address, "MQTT listener of a broker on this machine, host:port")
      ->capture_default_str();
  command.add_option("-u,--user", control.user, "User who may write to $CONTROL/tenon/v1; none: without a name");
  command.add_option("-P,--password", control.password, "Password of the user");
  command.add_option("--cafile", control.tls.cafile, "Use TLS; certificates that may have signed the broker's, PEM");
  command.add_option("--cert", control.tls.cert, "Our certificate, PEM, where the broker asks for one");
  command.add_option("--key", control.tls.key, "Key of our certificate, PEM");
  command.add_flag("--insecure", control.tls.insecure, "Accept a certificate that was issued for another host");
}

void add_mqtt_list(CommandSet& commands, CLI::App& mqtt, const std::string& name, const char* meaning) {
  const auto options = std::make_shared<MqttListOptions>();
  options->command = name;
  CLI::App& command = commands.add(mqtt, name, meaning, "tenon mqtt " + name + " -a 127.0.0.1:1883 -o json",
                                   [options] { return list_mqtt(*options); });
  add_control_options(command, options->control);
  command.add_option("-o,--output", options->format, "How to show them")
      ->check(CLI::IsMember(kRowFormats))
      ->capture_default_str();
  command.add_option("--limit", options->limit, "At most this many")
      ->check(CLI::Range(1, 100'000'000))
      ->capture_default_str();
}

}  // namespace

void add_mqtt_commands(CommandSet& commands) {
  CLI::App& mqtt = commands.add_group("mqtt", "Look at MQTT clients and end their sessions", "tenon mqtt clients");
  add_mqtt_list(commands, mqtt, "clients", "List the clients that are connected");
  add_mqtt_list(commands, mqtt, "sessions", "List the sessions, connected or not");
  add_mqtt_list(commands, mqtt, "subscriptions", "List the subscriptions of all sessions");
  add_mqtt_list(commands, mqtt, "retained", "List the retained messages");
  const auto options = std::make_shared<MqttKickOptions>();
  CLI::App& kick = commands.add(mqtt, "kick", "End a client's connection and its session", "tenon mqtt kick device-7",
                                [options] { return kick_mqtt_client(*options); });
  add_control_options(kick, options->control);
  kick.add_option("client", options->client, "Client id")->required();
}

}  // namespace tenon::cli
