// SPDX-License-Identifier: Apache-2.0
#include "protocol-native/namesrv/name_server_handlers.hpp"
#include "protocol-native/request.hpp"

namespace tenon::protocol_native {
using remoting::RequestCode;
using remoting::ResponseCode;

namespace {

/// What a running name server can say of itself under RocketMQ's names; its settings live in the TOML file.
void get_config(Request& request) {
  const auto directory = request.services().host->data_dir() / "namesrv";
  request.succeed_with_body(text("kvConfigPath=", (directory / "kvConfig.json").native(),
                                 "\nrocketmqHome=", request.services().host->data_dir().native(), '\n'));
}

void update_config(Request& request) {
  request.fail(ResponseCode::no_permission,
               "configuration is changed in the TOML file; it takes a SIGHUP or a restart");
}

}  // namespace

void add_name_server_config_handlers(HandlerTable& table) {
  table.add(RequestCode::update_namesrv_config, update_config);
  table.add(RequestCode::get_namesrv_config, get_config);
}

}  // namespace tenon::protocol_native
