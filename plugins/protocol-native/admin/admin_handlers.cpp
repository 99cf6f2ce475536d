// SPDX-License-Identifier: Apache-2.0
#include "protocol-native/admin/admin_handlers.hpp"

namespace tenon::protocol_native {

void register_admin_handlers(HandlerTable& table, const BrokerServices& services) {
  if (services.topics == nullptr || services.store == nullptr) return;
  add_admin_command_handlers(table);
  add_topic_admin_handlers(table);
  add_topic_query_handlers(table);
  add_topic_stats_handlers(table);
  add_group_admin_handlers(table);
  add_client_list_handlers(table);
  add_consume_progress_handlers(table);
  add_broker_config_handlers(table);
  add_broker_status_handlers(table);
  add_offset_admin_handlers(table);
  if (services.offset_changes != nullptr) add_metadata_changes_handlers(table);
  add_client_relay_handlers(table);
  add_queue_inspection_handlers(table);
  // Which queues a client gets depends on all brokers of a topic, and only name servers know those.
  const bool knows_queues = services.routes != nullptr || services.ask_queues;
  if (knows_queues) add_query_assignment_handler(table);
  if (knows_queues || services.pop != nullptr) add_request_mode_handlers(table);
}

}  // namespace tenon::protocol_native
