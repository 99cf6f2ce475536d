// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "client/message.hpp"

namespace tenon::client {

/// RocketMQ's AllocateMessageQueueAveragely: which of `queues` the member `client_id` gets when all `members` share
/// them. Every member computes the same shares, so no one decides. A client that is no member gets nothing. Order of
/// the arguments' elements does not matter. Source: ../shared/reference/broker-semantics.md 5.5.
std::vector<MessageQueue> allocate_averagely(std::vector<MessageQueue> queues, std::vector<std::string> members,
                                             std::string_view client_id);

}  // namespace tenon::client
