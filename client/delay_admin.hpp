// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "client/client_instance.hpp"
#include "client/message.hpp"

namespace tenon::client {

/// A message that waits at a broker, as an operator sees it.
struct WaitingMessage {
  std::int32_t level = 0;   ///< Delay level; 0: it waits for a time of its own.
  std::int64_t due_ms = 0;  ///< 0 for a level: the broker alone knows its table.
  std::int64_t stored_ms = 0;
  std::string topic;          ///< Where it goes.
  std::string message_id;     ///< UNIQ_KEY of the producer.
  std::string recall_handle;  ///< Takes it back; empty for a level.
};

/// Looks at the delayed messages of one broker and takes one back. Uses requests that every RocketMQ 5 broker knows:
/// pulls of the system topics, GET_ALL_DELAY_OFFSET, RECALL_MESSAGE. Threads: any; calls wait. Errors: those of
/// RemotingClient, and what the broker says.
class DelayAdmin {
 public:
  DelayAdmin(ClientInstance& client, std::string broker_name, std::string broker_address)
      : client_(client), broker_name_(std::move(broker_name)), address_(std::move(broker_address)) {}

  /// Those of the levels, then those with a time, each in the order in which they came; at most `limit`.
  Result<std::vector<WaitingMessage>> waiting(std::size_t limit);
  /// Returns the unique key of the message that is not delivered any more. Error: the broker's refusal.
  Result<std::string> cancel(std::string_view recall_handle);

 private:
  Result<std::vector<std::int64_t>> level_offsets();
  Status read_level(std::int32_t level, std::int64_t from, std::size_t limit, std::vector<WaitingMessage>& found);
  Status read_timers(std::size_t limit, std::vector<WaitingMessage>& found);

  ClientInstance& client_;
  const std::string broker_name_;
  const std::string address_;
};

}  // namespace tenon::client
