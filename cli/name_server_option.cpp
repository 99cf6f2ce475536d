// SPDX-License-Identifier: Apache-2.0
#include "name_server_option.hpp"

#include <CLI/CLI.hpp>

#include "address_check.hpp"

namespace tenon::cli {

void add_name_server_option(CLI::App& command, std::string& name_servers) {
  command.add_option("-n,--name-server", name_servers, "Name servers, host:port;host:port")
      ->check(is_address())
      ->envname("NAMESRV_ADDR")
      ->capture_default_str();
}

}  // namespace tenon::cli
