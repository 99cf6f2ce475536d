// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <utility>

#include "protocol-native/connection.hpp"
#include "protocol-native/request.hpp"

namespace tenon::protocol_native {

/// The answer to a request that may be held until messages come, as a pull is: counted with the connection's pulls.
/// Once only, from any thread. Copies answer the same request.
class HeldAnswer {
 public:
  /// Nothing when too many requests of the connection wait already: this one has been refused then.
  static std::optional<HeldAnswer> begin(Request& request);

  /// Runs `write(connection, opaque)` on the connection's thread, if somebody still waits for what it writes.
  template <class Write>
  void operator()(Write write) const {
    if (!connection_->is_open()) return;
    connection_->on_own_thread(
        [connection = connection_.get(), opaque = opaque_, oneway = oneway_, write = std::move(write)]() mutable {
          connection->end_pull();
          if (!oneway && connection->is_open()) write(*connection, opaque);
        });
  }

 private:
  explicit HeldAnswer(Request& request)
      : connection_(request.connection()), opaque_(request.opaque()), oneway_(request.is_oneway()) {}

  std::shared_ptr<Connection> connection_;
  std::int32_t opaque_;
  bool oneway_;
};

}  // namespace tenon::protocol_native
