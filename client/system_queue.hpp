// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>

#include "client/broker_requests.hpp"
#include "client/client_instance.hpp"

namespace tenon::client {

/// A queue of a system topic, read at its broker's address: such topics have no route. It commits nothing.
/// Threads: any; calls wait. Ownership: `client` must outlive it. Errors: those of RemotingClient and what the broker
/// says.
class SystemQueue {
 public:
  /// Offsets of a queue, `to` excluded.
  struct Span {
    std::int64_t from = 0, to = 0;
  };

  SystemQueue(ClientInstance& client, std::string address, MessageQueue queue)
      : client_(client), address_(std::move(address)), queue_(std::move(queue)) {}

  /// All that is kept.
  Result<Span> kept();
  /// From the committed offset of `group`, or the first message that is kept if that is later or there is none.
  Result<Span> not_consumed_by(std::string_view group);
  /// Calls `visit` with each message in the span, until it returns false.
  Status read(Span span, const std::function<bool(const MessageExt&)>& visit);

 private:
  Result<std::int64_t> offset_of(Request request, std::string_view doing);

  ClientInstance& client_;
  const std::string address_;
  const MessageQueue queue_;
};

}  // namespace tenon::client
