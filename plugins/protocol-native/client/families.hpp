// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "protocol-native/handler.hpp"
#include "protocol-native/services.hpp"

namespace tenon::protocol_native {

// The requests of ordinary clients, one family a file. Each adds the codes whose capabilities this composition has.

/// 10, 310, 320. Source: ../shared/reference/remoting-protocol.md 2a.1.
void register_send_handlers(HandlerTable& table, const BrokerServices& services);
/// 324, 325. Source: 2a.10; broker-semantics.md 3.9.
void register_reply_handlers(HandlerTable& table, const BrokerServices& services);
/// 36. Source: 2a.6.
void register_send_back_handlers(HandlerTable& table, const BrokerServices& services);
/// 37, 323. Source: 2a.7. Refused with a reason of their own when no transaction plug-in is loaded.
void register_transaction_handlers(HandlerTable& table, const BrokerServices& services);
/// 45, 60, 61, 370. Source: 2a.10; store-format.md 11.4, 12.5. Refused with a reason of their own when no delay plug-in
/// is loaded.
void register_delay_handlers(HandlerTable& table, const BrokerServices& services);
/// 11, 361. Source: 2a.2.
void register_pull_handlers(HandlerTable& table, const BrokerServices& services);
/// 200050, 200052, 200054, 200055. Source: 2a.9; broker-semantics.md 10.
void register_pop_handlers(HandlerTable& table, const BrokerServices& services);
/// 200051, 200053, 200151. Source: as those.
void register_pop_acknowledgement_handlers(HandlerTable& table, const BrokerServices& services);
/// 34, 35, 38, 46. Source: 2a.4.
void register_heartbeat_handlers(HandlerTable& table, const BrokerServices& services);
/// 14, 15. Source: 2a.3.
void register_consumer_offset_handlers(HandlerTable& table, const BrokerServices& services);
/// 29, 30, 31, 32. Source: 2a.3.
void register_queue_offset_handlers(HandlerTable& table, const BrokerServices& services);
/// 41, 42. Source: 2a.5.
void register_lock_handlers(HandlerTable& table, const BrokerServices& services);
/// 12, 33. Source: 2a.8.
void register_query_handlers(HandlerTable& table, const BrokerServices& services);

}  // namespace tenon::protocol_native
