// SPDX-License-Identifier: Apache-2.0
#include "client/queue_reader.hpp"

#include "tenon/text.hpp"

namespace tenon::client {

QueueReader::QueueReader(ClientInstance& client, std::string topic, std::string group)
    : client_(client), topic_(std::move(topic)), group_(std::move(group)) {}

Result<Reply> QueueReader::call(const MessageQueue& queue, Request request, Milliseconds timeout) {
  const auto route = client_.route_of(topic_);
  if (!route) return route.error();
  const std::string address(route->address_of(queue.broker_name));
  if (address.empty()) return Error(Errc::topic_not_exist, text("no broker of the route serves ", queue));
  return client_.remoting().call(address, std::move(request), timeout);
}

Result<std::vector<MessageQueue>> QueueReader::queues() {
  const auto route = client_.route_of(topic_);
  if (!route) return route.error();
  return route->subscribe_queues(topic_);
}

Result<std::int64_t> QueueReader::min_offset(const MessageQueue& queue) {
  const auto reply =
      call(queue, queue_offset_request(remoting::RequestCode::get_min_offset, queue), client_.options().timeout);
  if (!reply) return reply.error();
  return read_offset_reply(*reply, text("ask for the first offset of ", queue));
}

Result<std::int64_t> QueueReader::max_offset(const MessageQueue& queue) {
  const auto reply =
      call(queue, queue_offset_request(remoting::RequestCode::get_max_offset, queue), client_.options().timeout);
  if (!reply) return reply.error();
  return read_offset_reply(*reply, text("ask for the end offset of ", queue));
}

Result<PullResult> QueueReader::pull(const MessageQueue& queue, std::int64_t offset, std::int32_t messages_max,
                                     Milliseconds wait) {
  PullQuery query;
  query.group = group_;
  query.queue = queue;
  query.offset = offset;
  query.messages_max = messages_max;
  query.suspend_ms = wait.count();
  query.subscription.topic = topic_;
  // A broker looks after held pulls every 5 s, so it may answer that much late.
  const auto reply = call(queue, pull_request(query), wait + Milliseconds{10'000});
  if (!reply) return reply.error();
  return read_pull_reply(*reply, queue);
}

}  // namespace tenon::client
