// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "client/message.hpp"
#include "exit_code.hpp"

namespace tenon::cli {

struct ProduceOptions {
  std::string name_servers = "127.0.0.1:9876";
  std::string group = "tenon_cli_producer";
  client::Message message;              ///< All but the body.
  std::vector<std::string> bodies;      ///< Empty: lines of standard input.
  std::vector<std::string> properties;  ///< "name=value"
  std::uint64_t count = 1;
  bool quiet = false;
};

/// Sends and prints one line per message. Stops at the first that fails (after the client's own retries).
/// Errors: tenon::Failure. Returns usage for a property without "=".
ExitCode produce_messages(const ProduceOptions& options);

}  // namespace tenon::cli
