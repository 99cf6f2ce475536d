// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "client/message.hpp"
#include "client/request.hpp"
#include "client/subscription.hpp"

namespace tenon::client {

/// How a pull ended. Source: ../shared/reference/broker-semantics.md 4.8.
enum class PullStatus {
  found,
  no_new_message,      ///< At the end; pull again at the same offset.
  no_matched_message,  ///< Nothing passed the filter; go on at next_offset.
  offset_illegal,      ///< Outside of what is kept; go on at next_offset.
};

struct PullResult {
  PullStatus status = PullStatus::no_new_message;
  std::int64_t next_offset = 0;
  std::int64_t min_offset = 0;
  std::int64_t max_offset = 0;
  std::vector<MessageExt> messages;
};

struct PullQuery {
  std::string group;
  MessageQueue queue;
  std::int64_t offset = 0;
  std::int32_t messages_max = 32;
  std::int64_t suspend_ms = 0;                ///< 0: answered at once; else the broker may hold the request so long.
  std::optional<std::int64_t> commit_offset;  ///< Commits this on the way.
  Subscription subscription;                  ///< Always sent along, so no registration is needed.
};

Request pull_request(const PullQuery& query);
/// Errors: the broker's refusal (its code in `refusal` if given), or a body that cannot be read.
Result<PullResult> read_pull_reply(const Reply& reply, const MessageQueue& queue, std::int32_t* refusal = nullptr);

/// 30 or 31 by `code`.
Request queue_offset_request(remoting::RequestCode code, const MessageQueue& queue);
/// The `offset` of an answer to 14, 30 or 31.
Result<std::int64_t> read_offset_reply(const Reply& reply, std::string_view doing);
Request query_consumer_offset_request(std::string_view group, const MessageQueue& queue);
Request update_consumer_offset_request(std::string_view group, const MessageQueue& queue, std::int64_t offset);
Request consumer_list_request(std::string_view group);
Result<std::vector<std::string>> read_consumer_list(const Reply& reply);
/// 36: gives a message back to be redelivered later; the broker decides when.
Request send_back_request(std::string_view group, const MessageExt& message, std::int32_t max_reconsume_times);
/// 310: the same for a message that a broker cannot take back, because its record holds others, too: sends it to the
/// group's retry topic, as RocketMQ's clients do.
Request retry_request(std::string_view group, const MessageExt& message, std::int32_t max_reconsume_times);

}  // namespace tenon::client
