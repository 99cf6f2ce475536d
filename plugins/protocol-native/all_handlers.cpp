// SPDX-License-Identifier: Apache-2.0
#include "protocol-native/all_handlers.hpp"

#include "protocol-native/admin/admin_handlers.hpp"
#include "protocol-native/client/families.hpp"
#include "protocol-native/namesrv/name_server_handlers.hpp"

namespace tenon::protocol_native {

// One line per family; each lives in a file of its own and adds only codes whose capabilities are present.
void register_all_handlers(HandlerTable& table, const BrokerServices& services) {
  register_send_handlers(table, services);
  register_reply_handlers(table, services);
  register_send_back_handlers(table, services);
  register_transaction_handlers(table, services);
  register_delay_handlers(table, services);
  register_pull_handlers(table, services);
  register_pop_handlers(table, services);
  register_pop_acknowledgement_handlers(table, services);
  register_heartbeat_handlers(table, services);
  register_consumer_offset_handlers(table, services);
  register_queue_offset_handlers(table, services);
  register_lock_handlers(table, services);
  register_query_handlers(table, services);
  register_name_server_handlers(table, services);
  register_admin_handlers(table, services);
}

}  // namespace tenon::protocol_native
