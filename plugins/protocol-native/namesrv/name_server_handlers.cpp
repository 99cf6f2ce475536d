// SPDX-License-Identifier: Apache-2.0
#include "protocol-native/namesrv/name_server_handlers.hpp"

namespace tenon::protocol_native {

void register_name_server_handlers(HandlerTable& table, const BrokerServices& services) {
  if (services.routes == nullptr) return;
  add_broker_registration_handlers(table);
  add_route_query_handlers(table);
  add_topic_list_handlers(table);
  add_route_edit_handlers(table);
  if (services.key_values == nullptr) return;
  add_key_value_handlers(table);
  add_name_server_config_handlers(table);
}

}  // namespace tenon::protocol_native
