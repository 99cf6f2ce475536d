// SPDX-License-Identifier: Apache-2.0
#include <CLI/CLI.hpp>
#include <map>
#include <memory>

#include "command.hpp"
#include "consume_action.hpp"
#include "name_server_option.hpp"

namespace tenon::cli {

void add_consume_command(CommandSet& commands) {
  auto options = std::make_shared<ConsumeOptions>();
  CLI::App& consume = commands.add(commands.root(), "consume", "Print messages as they come, until interrupted",
                                   "tenon consume --topic orders --from-beginning --count 10 -o json",
                                   [options] { return consume_messages(*options); });
  add_name_server_option(consume, options->name_servers);
  consume.add_option("-t,--topic", options->topic, "Topic")->required();
  consume.add_option("--group", options->group, "Share the queues with this group and keep its offsets at the broker");
  consume.add_flag("--broadcasting", options->broadcasting, "With --group: read every queue, keep no offsets")
      ->needs("--group");
  consume.add_flag("--from-beginning", options->from_beginning,
                   "Begin at the oldest message (with --group: where the group has no offset yet)");
  CLI::Option* tags = consume.add_option("--tags", options->expression, "Tags, such as 'TagA || TagB'");
  tags->capture_default_str();
  consume.add_option("--sql", options->sql, "An SQL92 expression, such as \"price > 100 AND region = 'east'\"")
      ->excludes(tags);
  consume
      .add_option("--expression-type", options->expression_type,
                  "Language of --expression: which filter plug-in of the broker compiles it")
      ->capture_default_str();
  consume.add_option("--expression", options->expression, "What to subscribe to, in that language")
      ->excludes(tags)
      ->excludes("--sql")
      ->needs("--expression-type");
  consume.add_option("-c,--count", options->count, "End after this many messages; 0: never")->capture_default_str();
  consume
      .add_option("--timeout", options->timeout_seconds,
                  "End after this many seconds, with exit code 1 if --count messages have not come; 0: never")
      ->check(CLI::NonNegativeNumber);
  const std::map<std::string, OutputForm> forms{
      {"text", OutputForm::text}, {"json", OutputForm::json}, {"body", OutputForm::body}};
  consume
      .add_option("-o,--output", options->form,
                  "text: a line for people; json: an object a line; body: the bytes alone")
      ->transform(CLI::CheckedTransformer(forms).description(""))
      ->type_name("text|json|body")
      ->default_str("text");
}

}  // namespace tenon::cli
