// SPDX-License-Identifier: Apache-2.0
#include <CLI/CLI.hpp>
#include <memory>

#include "command.hpp"
#include "filter_action.hpp"

namespace tenon::cli {

void add_filter_commands(CommandSet& commands) {
  CLI::App& filter = commands.add_group("filter", "Try filter expressions without a broker",
                                        "tenon filter eval \"price > 100\" --property price=250");
  auto options = std::make_shared<FilterEvalOptions>();
  CLI::App& eval = commands.add(
      filter, "eval",
      "Say what an SQL92 expression says of properties: true, false, null, eval-error or parse-error.\n"
      "Without an expression, answer the lines of standard input: {\"expr\":\"a = 1\",\"props\":{\"a\":\"1\"}} gets "
      "{\"result\":\"true\"}.\n"
      "Exit code 0: judged, whatever the result; 1: does not compile, or a line was no question; 2: wrong command "
      "line.",
      "tenon filter eval \"price > 100 AND region = 'east'\" --property price=250 --property region=east\n"
      "  echo '{\"expr\":\"a IS NULL\",\"props\":{}}' | tenon filter eval",
      [options] { return evaluate_filters(*options); });
  CLI::Option* const expression = eval.add_option("expression", options->expression, "An SQL92 expression");
  eval.add_option("-p,--property", options->properties, "name=value, as often as needed; any other name is NULL")
      ->needs(expression)
      ->allow_extra_args(false);
}

}  // namespace tenon::cli
