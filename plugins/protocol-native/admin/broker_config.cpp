// SPDX-License-Identifier: Apache-2.0
#include <algorithm>

#include "broker_json/data_version.hpp"
#include "protocol-native/admin/admin_handlers.hpp"
#include "protocol-native/request.hpp"

namespace tenon::protocol_native {
using remoting::RequestCode;
using remoting::ResponseCode;

namespace {

std::string host_of(const std::string& address) { return address.substr(0, address.rfind(':')); }

/// What tools look for and what RocketMQ has a name for (exportConfigs, the dashboard). All settings: `tenon config
/// show`.
std::string properties_of(const BrokerServices& services) {
  const BrokerIdentity& identity = *services.identity;
  const std::string address = identity.advertised_address().to_string();
  const std::string root = services.host->data_dir().native();
  auto settings = identity.settings();
  settings.insert(settings.end(), {{"brokerClusterName", std::string(identity.cluster())},
                                   {"brokerIP1", host_of(address)},
                                   {"brokerId", text(identity.broker_id())},
                                   {"brokerName", std::string(identity.broker_name())},
                                   {"brokerRole", identity.broker_id() == 0 ? "ASYNC_MASTER" : "SLAVE"},
                                   {"listenPort", text(identity.advertised_address().port())},
                                   {"storePathCommitLog", root + "/commitlog"},
                                   {"storePathRootDir", root}});
  std::ranges::sort(settings);
  std::string properties;
  for (const auto& [name, value] : settings) properties += text(name, '=', value, '\n');
  return properties;
}

void get_broker_config(Request& request) {
  std::string version;
  fastjson::Writer json(version);
  broker_json::write_data_version(json, {0, request.services().identity->boot_timestamp_ms(), 0});
  request.succeed_with_body(properties_of(request.services()), {{"version", std::move(version)}});
}

void update_broker_config(Request& request) {
  request.fail(ResponseCode::no_permission,
               "configuration is changed in the TOML file; it takes a SIGHUP or a restart");
}

}  // namespace

void add_broker_config_handlers(HandlerTable& table) {
  table.add(RequestCode::update_broker_config, update_broker_config);
  table.add(RequestCode::get_broker_config, get_broker_config);
}

}  // namespace tenon::protocol_native
