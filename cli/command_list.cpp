// SPDX-License-Identifier: Apache-2.0
// Every command of the program, in the order of `tenon --help`. A new command is one declaration and one call.
#include "command.hpp"

namespace tenon::cli {

void add_serve_command(CommandSet& commands);
void add_plugin_commands(CommandSet& commands);
void add_config_commands(CommandSet& commands);
void add_topic_commands(CommandSet& commands);
void add_produce_command(CommandSet& commands);
void add_consume_command(CommandSet& commands);
void add_delay_commands(CommandSet& commands);
void add_tx_commands(CommandSet& commands);
void add_ha_commands(CommandSet& commands);
void add_mqtt_commands(CommandSet& commands);
void add_filter_commands(CommandSet& commands);
void add_store_commands(CommandSet& commands);
void add_bench_command(CommandSet& commands);

void add_all_commands(CommandSet& commands) {
  add_serve_command(commands);
  add_plugin_commands(commands);
  add_config_commands(commands);
  add_topic_commands(commands);
  add_produce_command(commands);
  add_consume_command(commands);
  add_delay_commands(commands);
  add_tx_commands(commands);
  add_ha_commands(commands);
  add_mqtt_commands(commands);
  add_filter_commands(commands);
  add_store_commands(commands);
  add_bench_command(commands);
}

}  // namespace tenon::cli
