// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "protocol-native/handler.hpp"
#include "protocol-native/services.hpp"

namespace tenon::protocol_native {

/// What a broker answers to tools (mqadmin, dashboard). Adds nothing in a composition without broker capabilities.
/// Source: ../shared/reference/remoting-protocol.md 2d, bodies in its section 3.
void register_admin_handlers(HandlerTable& table, const BrokerServices& services);

void add_topic_admin_handlers(HandlerTable& table);       ///< 17, 18, 215
void add_topic_query_handlers(HandlerTable& table);       ///< 21, 300, 305, 343, 351
void add_topic_stats_handlers(HandlerTable& table);       ///< 202
void add_group_admin_handlers(HandlerTable& table);       ///< 200, 201, 207, 225, 352, 353
void add_client_list_handlers(HandlerTable& table);       ///< 203, 204, 328, 345
void add_consume_progress_handlers(HandlerTable& table);  ///< 208, 303, 317
void add_broker_config_handlers(HandlerTable& table);     ///< 25, 26
void add_broker_status_handlers(HandlerTable& table);     ///< 28, 306, 315, 316, 329
void add_offset_admin_handlers(HandlerTable& table);      ///< 43, 222, 314
void add_metadata_changes_handlers(HandlerTable& table);  ///< 54001
void add_client_relay_handlers(HandlerTable& table);      ///< 223, 307, 309
void add_queue_inspection_handlers(HandlerTable& table);  ///< 308, 321
void add_query_assignment_handler(HandlerTable& table);   ///< 400
void add_request_mode_handlers(HandlerTable& table);      ///< 401, 402
void add_admin_command_handlers(HandlerTable& table);     ///< 907, 54000

/// Whether a client at this address may run admin commands (54000): from elsewhere only where `remote_admin` says so.
bool may_command(const BrokerServices& services, const HostAddress& client);

}  // namespace tenon::protocol_native
