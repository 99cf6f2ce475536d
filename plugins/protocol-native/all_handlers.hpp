// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "protocol-native/handler.hpp"
#include "protocol-native/services.hpp"

namespace tenon::protocol_native {

/// Fills the table with every family whose capabilities are there. Called once, when all plug-ins are wired.
void register_all_handlers(HandlerTable& table, const BrokerServices& services);

}  // namespace tenon::protocol_native
