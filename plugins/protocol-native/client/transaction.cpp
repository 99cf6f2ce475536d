// SPDX-License-Identifier: Apache-2.0
#include "protocol-native/client/families.hpp"
#include "protocol-native/request.hpp"

namespace tenon::protocol_native {
namespace {

void end_transaction(Request& request) {
  request.fail(remoting::ResponseCode::request_code_not_supported, "no transaction plug-in is loaded");
}

}  // namespace

void register_transaction_handlers(HandlerTable& table, const BrokerServices&) {
  table.add(remoting::RequestCode::end_transaction, end_transaction);
}

}  // namespace tenon::protocol_native
