// SPDX-License-Identifier: Apache-2.0
#include <CLI/CLI.hpp>
#include <memory>

#include "command.hpp"
#include "name_server_option.hpp"
#include "produce_action.hpp"

namespace tenon::cli {

void add_produce_command(CommandSet& commands) {
  auto options = std::make_shared<ProduceOptions>();
  CLI::App& produce = commands.add(commands.root(), "produce", "Send messages: -m, or each line of standard input",
                                   "echo hello | tenon produce --topic orders --tags new --keys order-1 -p colour=blue",
                                   [options] { return produce_messages(*options); });
  add_name_server_option(produce, options->name_servers);
  produce.add_option("-t,--topic", options->message.topic, "Topic")->required();
  produce.add_option("-m,--message", options->bodies,
                     "Body; may be repeated. Without it, each line of standard input is a body");
  produce.add_option("--tags", options->message.tags, "Tag");
  produce.add_option("-k,--keys", options->message.keys, "Keys, to find the message again")->delimiter(' ');
  produce.add_option("-p,--property", options->properties, "name=value; may be given more than once");
  produce.add_option("--delay-level", options->message.delay_level, "1 to 18")->check(CLI::Range(1, 18));
  produce.add_option("--group", options->group, "Producer group")->capture_default_str();
  produce.add_option("-c,--count", options->count, "Send each message this many times")
      ->check(CLI::PositiveNumber)
      ->capture_default_str();
  produce.add_flag("-q,--quiet", options->quiet, "Print only what fails");
}

}  // namespace tenon::cli
