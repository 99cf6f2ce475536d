// SPDX-License-Identifier: Apache-2.0
#include "protocol-native/answer.hpp"

#include "protocol-native/connection.hpp"
#include "protocol-native/errors.hpp"

namespace tenon::protocol_native {

void DeferredAnswer::operator()(Answer answer) const {
  if (oneway_ || !connection_->is_open()) return;
  connection_->on_own_thread([connection = connection_.get(), opaque = opaque_, answer = std::move(answer)] {
    connection->write_answer(opaque, answer);
  });
}

void DeferredAnswer::error(const Error& error) const {
  (*this)(Answer(response_code_of(error.code()), error.message()));
}

void DeferredAnswer::status(const Status& status) const { status ? success() : error(status.error()); }

}  // namespace tenon::protocol_native
