// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

namespace CLI {
class App;
}

namespace tenon::cli {

/// -n, --name-server: without it what NAMESRV_ADDR says, as RocketMQ's own tools do; else the value that is there.
void add_name_server_option(CLI::App& command, std::string& name_servers);

}  // namespace tenon::cli
