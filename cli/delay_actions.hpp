// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <string>

#include "exit_code.hpp"

namespace tenon::cli {

struct DelayOptions {
  std::string name_servers = "127.0.0.1:9876";
  std::string broker_name;  ///< Empty: all for the list; for cancel the handle is tried at each.
  std::string handle;
  std::size_t limit = 100;
  std::string format = "table";
};

/// What the delay commands do; results go to standard output. Errors: tenon::Failure.
ExitCode list_delayed(const DelayOptions& options);
ExitCode cancel_delayed(const DelayOptions& options);

}  // namespace tenon::cli
