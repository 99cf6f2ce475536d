// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "client/broker_requests.hpp"
#include "client/client_instance.hpp"

namespace tenon::client {

/// Reads the queues of a topic at any offset without being registered anywhere, as mqadmin does. It commits nothing.
/// Threads: any; calls wait. Ownership: `client` must outlive it. Errors: those of RemotingClient and what the broker
/// says.
class QueueReader {
 public:
  /// `group` is only a name in the requests.
  QueueReader(ClientInstance& client, std::string topic, std::string group = "TOOLS_CONSUMER");

  Result<std::vector<MessageQueue>> queues();
  Result<std::int64_t> min_offset(const MessageQueue& queue);
  Result<std::int64_t> max_offset(const MessageQueue& queue);
  /// Up to `messages_max` messages from `offset` on; at the end of the queue waits up to `wait` for the next one.
  Result<PullResult> pull(const MessageQueue& queue, std::int64_t offset, std::int32_t messages_max = 32,
                          Milliseconds wait = {});

 private:
  Result<Reply> call(const MessageQueue& queue, Request request, Milliseconds timeout);

  ClientInstance& client_;
  std::string topic_;
  std::string group_;
};

}  // namespace tenon::client
