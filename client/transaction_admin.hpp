// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "client/client_instance.hpp"
#include "client/message.hpp"
#include "client/system_queue.hpp"

namespace tenon::client {

/// A transaction whose message is not committed, as an operator sees it.
struct PendingTransaction {
  std::string offset_message_id;  ///< Names it in the other calls; changes when the broker stores it again.
  std::string message_id;         ///< UNIQ_KEY of the producer.
  std::string topic;              ///< Where it goes when it is committed.
  std::string producer_group;
  std::int32_t check_times = 0;
  std::int64_t born_timestamp_ms = 0;
};

/// Looks at the transactions of one broker and settles what its producer cannot settle any more. Uses requests that
/// every RocketMQ broker knows, so it works with those as well: pulls of the system topics, END_TRANSACTION,
/// RESUME_CHECK_HALF_MESSAGE.
/// Threads: any; calls wait. Errors: those of RemotingClient, and what the broker says.
class TransactionAdmin {
 public:
  TransactionAdmin(ClientInstance& client, std::string broker_address)
      : client_(client), address_(std::move(broker_address)) {}

  /// The half messages that no op record names, oldest first, at most `limit`. A RocketMQ broker writes op records up
  /// to three seconds late.
  Result<std::vector<PendingTransaction>> pending(std::size_t limit);
  /// What the broker gave up on: the newest `limit` messages of TRANS_CHECK_MAX_TIME_TOPIC.
  Result<std::vector<PendingTransaction>> given_up(std::size_t limit);
  /// The checks begin anew; also for a message that was given up.
  Status resume(std::string_view offset_message_id);
  /// Rolls a pending transaction back.
  Status discard(std::string_view offset_message_id);

 private:
  /// The one queue of a system topic of transactions.
  SystemQueue queue_of(std::string_view topic);
  Result<MessageExt> message_at(std::int64_t physical_offset);

  ClientInstance& client_;
  const std::string address_;
};

}  // namespace tenon::client
