// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "protocol-native/handler.hpp"
#include "protocol-native/services.hpp"

namespace tenon::protocol_native {

/// What a name server answers: 100-106, 205, 206, 216, 217, 219, 224, 304, 311-313, 318, 319, 322, 327, 901, 904.
/// Adds nothing in a composition without a RouteTable. The rules are the RouteTable's; here is only the wire.
/// Source: ../shared/reference/remoting-protocol.md 2c.
void register_name_server_handlers(HandlerTable& table, const BrokerServices& services);

void add_broker_registration_handlers(HandlerTable& table);  ///< 103, 104, 322, 904
void add_route_query_handlers(HandlerTable& table);          ///< 105, 106, 901
void add_topic_list_handlers(HandlerTable& table);           ///< 206, 224, 304, 311, 312, 313
void add_route_edit_handlers(HandlerTable& table);           ///< 205, 216, 217, 327
void add_key_value_handlers(HandlerTable& table);            ///< 100, 101, 102, 219
void add_name_server_config_handlers(HandlerTable& table);   ///< 318, 319

}  // namespace tenon::protocol_native
