// SPDX-License-Identifier: Apache-2.0
#include "protocol-native/all_handlers.hpp"

namespace tenon::protocol_native {

// One line per family; each lives in a file of its own and adds only codes whose capabilities are present.
void register_all_handlers(HandlerTable& table, const BrokerServices& services) {
  (void)table;
  (void)services;
}

}  // namespace tenon::protocol_native
