// SPDX-License-Identifier: Apache-2.0
#include "client/system_queue.hpp"

#include <algorithm>

#include "client/broker_call.hpp"
#include "tenon/text.hpp"

namespace tenon::client {

using remoting::RequestCode;

Result<std::int64_t> SystemQueue::offset_of(Request request, std::string_view doing) {
  const std::string what = text(doing, " of ", queue_.topic);
  const auto reply = call_broker(client_, address_, std::move(request), what);
  if (!reply) return reply.error();
  return read_offset_reply(*reply, what);
}

Result<SystemQueue::Span> SystemQueue::kept() {
  const auto min = offset_of(queue_offset_request(RequestCode::get_min_offset, queue_), "ask for the first message");
  if (!min) return min.error();
  const auto max = offset_of(queue_offset_request(RequestCode::get_max_offset, queue_), "ask for the end");
  if (!max) return max.error();
  return Span{*min, *max};
}

Result<SystemQueue::Span> SystemQueue::not_consumed_by(std::string_view group) {
  auto span = kept();
  if (!span) return span;
  const auto committed = offset_of(query_consumer_offset_request(group, queue_), "ask for the progress");
  if (committed) {
    span->from = std::max(span->from, *committed);
  } else if (!committed.error().is(Errc::query_not_found)) {
    return committed.error();
  }
  return span;
}

Status SystemQueue::read(Span span, const std::function<bool(const MessageExt&)>& visit) {
  PullQuery query;
  query.group = "TOOLS_CONSUMER";
  query.queue = queue_;
  query.subscription.topic = queue_.topic;
  for (query.offset = span.from; query.offset < span.to;) {
    const auto reply = client_.remoting().call(address_, pull_request(query), client_.options().timeout);
    if (!reply)
      return Error(reply.error().code(), text("read ", queue_, " at ", address_, ": ", reply.error().message()));
    const auto pulled = read_pull_reply(*reply, queue_);
    if (!pulled) return pulled.error();
    if (pulled->next_offset <= query.offset) return {};
    for (const MessageExt& message : pulled->messages) {
      if (message.queue_offset >= span.to || !visit(message)) return {};
    }
    query.offset = pulled->next_offset;
  }
  return {};
}

}  // namespace tenon::client
