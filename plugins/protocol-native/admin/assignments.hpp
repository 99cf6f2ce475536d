// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "tenon/queue_locks.hpp"

namespace tenon::protocol_native {

/// RocketMQ's strategies to divide queues among the clients of a group; both lists are sorted here.
/// AVG gives each a run of neighbours, AVG_BY_CIRCLE deals them out one by one. A client that is not in the list gets
/// nothing. Error of the name: false from is_known_strategy().
bool is_known_strategy(std::string_view strategy);
std::vector<MessageQueue> assigned_queues(std::string_view strategy, std::vector<MessageQueue> queues,
                                          std::vector<std::string> client_ids, std::string_view client_id);

/// The queue number that stands for all queues of a broker.
inline constexpr std::int32_t kWholeBroker = -1;

/// Which queues a client pops from: its own and those of the next `share_count` clients; of every broker all queues
/// when that makes everybody's, or `share_count` is not above 0. With more clients than queues some share one.
std::vector<MessageQueue> popped_queues(std::string_view strategy, std::vector<MessageQueue> queues,
                                        std::vector<std::string> client_ids, std::string_view client_id,
                                        std::int32_t share_count);

}  // namespace tenon::protocol_native
