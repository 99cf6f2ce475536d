// SPDX-License-Identifier: Apache-2.0
#include "config_options.hpp"

#include <CLI/CLI.hpp>

namespace tenon::cli {

void add_config_options(CLI::App& command, kernel::ConfigSource& source) {
  command.add_option("-c,--config,file", source.file, "Configuration file (TOML)")->required()->type_name("FILE");
  command.add_option("--set", source.overrides, "Override one key of the file; may be repeated")
      ->type_name("KEY=VALUE")
      ->expected(1)
      ->multi_option_policy(CLI::MultiOptionPolicy::TakeAll)
      ->allow_extra_args(false);
}

}  // namespace tenon::cli
