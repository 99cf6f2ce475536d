// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include "exit_code.hpp"

namespace tenon::cli {

struct FromRocketmqOptions {
  std::string broker_conf, output;
  std::string store_type = "store-mmap";
};

/// Writes the TOML that serves a Java broker's store to `output`, or to standard output; names keys without a
/// counterpart on standard error. usage: the broker.conf cannot be read, or describes a store that cannot be served.
ExitCode config_from_rocketmq(const FromRocketmqOptions& options);

}  // namespace tenon::cli
