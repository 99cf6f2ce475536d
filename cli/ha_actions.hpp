// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <string>

#include "exit_code.hpp"

namespace tenon::cli {

struct HaOptions {
  std::string name_servers = "127.0.0.1:9876";
  std::string broker_address;  ///< Empty: all that the name server knows, where that makes sense.
  bool json = false;
  bool force = false;             ///< promote: whatever the checks say.
  bool only_check = false;        ///< promote: say what the checks find, change nothing.
  bool cancel = false;            ///< drain: take messages again.
  bool drain_everything = false;  ///< Waits for delayed messages and transactions, too.
  bool leave_at_once = false;
  std::chrono::seconds drain_timeout{3600};
};

/// What the commands of replication do; results go to standard output. Errors: tenon::Failure.
ExitCode show_ha_status(const HaOptions& options);
ExitCode promote_broker(const HaOptions& options);
ExitCode drain_broker(const HaOptions& options);

}  // namespace tenon::cli
