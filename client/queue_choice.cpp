// SPDX-License-Identifier: Apache-2.0
#include "client/queue_choice.hpp"

#include "remoting/response_code.hpp"

namespace tenon::client {

const MessageQueue* choose_queue(const std::vector<MessageQueue>& queues, std::uint32_t turn,
                                 std::string_view avoid_broker) {
  if (queues.empty()) return nullptr;
  for (std::size_t step = 0; step < queues.size() && !avoid_broker.empty(); ++step) {
    const MessageQueue& queue = queues[(turn + step) % queues.size()];
    if (queue.broker_name != avoid_broker) return &queue;
  }
  return &queues[turn % queues.size()];
}

bool is_retried(std::int32_t response_code) noexcept {
  switch (static_cast<remoting::ResponseCode>(response_code)) {
    case remoting::ResponseCode::topic_not_exist:
    case remoting::ResponseCode::service_not_available:
    case remoting::ResponseCode::system_error:
    case remoting::ResponseCode::system_busy:
    case remoting::ResponseCode::no_permission:
    case remoting::ResponseCode::no_buyer_id:
    case remoting::ResponseCode::not_in_current_unit:
    case remoting::ResponseCode::go_away:
      return true;
    default:
      return false;
  }
}

}  // namespace tenon::client
