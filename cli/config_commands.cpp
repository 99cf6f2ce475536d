// SPDX-License-Identifier: Apache-2.0
#include <CLI/CLI.hpp>
#include <memory>

#include "app/config_report.hpp"
#include "command.hpp"
#include "config_options.hpp"
#include "from_rocketmq.hpp"

namespace tenon::cli {
namespace {

void add_from_rocketmq(CommandSet& commands, CLI::App& config) {
  auto options = std::make_shared<FromRocketmqOptions>();
  CLI::App& command = commands.add(config, "from-rocketmq", "Write the configuration that serves a Java broker's store",
                                   "tenon config from-rocketmq conf/broker.conf -o tenon.toml",
                                   [options] { return config_from_rocketmq(*options); });
  command.add_option("broker.conf", options->broker_conf, "The Java broker's properties file")->required();
  command.add_option("-o,--output", options->output, "File to write; standard output if left out");
  command.add_option("--store", options->store_type, "Store engine")
      ->check(CLI::IsMember({"store-mmap", "store-sendfile"}))
      ->capture_default_str();
}

}  // namespace

void add_config_commands(CommandSet& commands) {
  CLI::App& config = commands.add_group("config", "Check and explain configuration files",
                                        "tenon config check -c conf/standalone.toml");
  const auto source = std::make_shared<kernel::ConfigSource>();
  add_config_options(commands.add(config, "check", "Report every mistake of a configuration file, starting nothing",
                                  "tenon config check -c conf/standalone.toml",
                                  [source] { return static_cast<ExitCode>(kernel::check_config(*source)); }),
                     *source);
  add_config_options(commands.add(config, "show", "Print every value in force and where it was said",
                                  "tenon config show -c conf/standalone.toml --set broker.id=1",
                                  [source] { return static_cast<ExitCode>(kernel::show_config(*source)); }),
                     *source);
  const auto request = std::make_shared<kernel::ExplainRequest>();
  CLI::App& explain = commands.add(config, "explain", "Explain every key: type, default, bounds, meaning",
                                   "tenon config explain store-mmap",
                                   [request] { return static_cast<ExitCode>(kernel::explain_config(*request)); });
  explain.add_option("section", request->section, "Only this section, plug-in type, or key of one (broker.name)");
  add_from_rocketmq(commands, config);
  explain.add_flag("--markdown", request->markdown, "As the reference page, docs/reference/configuration.md");
}

}  // namespace tenon::cli
