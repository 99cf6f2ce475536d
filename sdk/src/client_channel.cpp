// SPDX-License-Identifier: Apache-2.0
#include "tenon/client_channel.hpp"

namespace tenon {

Status ClientChannel::check_transaction(const TransactionCheck&) {
  return Error(Errc::not_supported, text("the client ", remote_address(), " takes no transaction checks"));
}

}  // namespace tenon
