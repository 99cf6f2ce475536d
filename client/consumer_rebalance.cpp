// SPDX-License-Identifier: Apache-2.0
// The half of the consumer that decides which queues are ours, and tells brokers about us and our offsets.
#include <algorithm>
#include <boost/asio/post.hpp>
#include <chrono>

#include "client/allocate_queues.hpp"
#include "client/consumer_engine.hpp"
#include "client/reply_error.hpp"
#include "tenon/text.hpp"

namespace tenon::client {
namespace {

constexpr Milliseconds kUnbalancedDelay{1000};  // until the next attempt after one that did not work

bool is_retry_topic(std::string_view topic) { return topic.starts_with("%RETRY%"); }

}  // namespace

void PushConsumer::Engine::rebalance() {
  if (stopping_) return;
  bool balanced = true;
  for (const Subscription& subscription : subscriptions_) balanced = rebalance_topic(subscription) && balanced;
  // Not repeat(): a notification runs it in between, and the next turn then counts from there.
  rebalance_timer_.expires_after(balanced ? options_.rebalance_interval : kUnbalancedDelay);
  rebalance_timer_.async_wait([this](const boost::system::error_code& cancelled) {
    if (!cancelled) rebalance();
  });
}

bool PushConsumer::Engine::rebalance_topic(const Subscription& subscription) {
  const auto route = client_.route_of(subscription.topic);
  if (!route) {
    // A retry topic exists only after the first heartbeat; another topic may be created any time.
    if (!route.error().is(Errc::topic_not_exist)) problem(route.error());
    return false;
  }
  const auto share = share_of(*route, subscription);
  if (!share) {
    problem(share.error());
    return false;
  }
  std::vector<QueuePtr> lost;
  for (const auto& [queue, own] : queues_) {
    if (queue.topic == subscription.topic && std::find(share->begin(), share->end(), queue) == share->end())
      lost.push_back(own);
  }
  for (const QueuePtr& own : lost) drop(own);
  bool all = true;
  for (const MessageQueue& queue : *share) {
    if (queues_.contains(queue)) continue;
    all = take_up(queue, subscription) && all;
  }
  return all;
}

Result<std::vector<MessageQueue>> PushConsumer::Engine::share_of(const TopicRoute& route,
                                                                 const Subscription& subscription) {
  auto queues = route.subscribe_queues(subscription.topic);
  if (!clustering()) return queues;
  Result<std::vector<MessageQueue>> outcome = Error(Errc::disconnected, text("no broker serves ", subscription.topic));
  for (const BrokerData& broker : route.brokers) {
    if (broker.addresses.empty()) continue;
    const auto reply = client_.remoting().call(broker.addresses.begin()->second, consumer_list_request(options_.group),
                                               client_.options().timeout);
    if (!reply) {
      outcome = reply.error();
      continue;
    }
    const auto members = read_consumer_list(*reply);
    if (members) return allocate_averagely(std::move(queues), *members, client_.options().client_id);
    outcome = members.error();
  }
  return outcome;
}

bool PushConsumer::Engine::take_up(const MessageQueue& queue, const Subscription& subscription) {
  const auto offset = start_offset(queue);
  if (!offset) {
    problem(offset.error());
    return false;
  }
  auto own = std::make_shared<OwnQueue>(service_.get_executor());
  own->queue = queue;
  own->subscription = subscription;
  own->next_offset = *offset;
  queues_.emplace(queue, own);
  pull(own);
  return true;
}

Result<std::int64_t> PushConsumer::Engine::start_offset(const MessageQueue& queue) {
  const auto address = address_of(queue);
  if (!address) return address.error();
  const auto timeout = client_.options().timeout;
  if (clustering()) {
    const auto stored =
        client_.remoting().call(*address, query_consumer_offset_request(options_.group, queue), timeout);
    if (!stored) return stored.error();
    auto offset = read_offset_reply(*stored, text("ask for the offset of group ", options_.group, " in ", queue));
    if (offset || !offset.error().is(Errc::query_not_found)) return offset;
  }
  if (is_retry_topic(queue.topic)) return std::int64_t{0};
  const auto code = options_.from == ConsumeFromWhere::first_offset ? remoting::RequestCode::get_min_offset
                                                                    : remoting::RequestCode::get_max_offset;
  const auto edge = client_.remoting().call(*address, queue_offset_request(code, queue), timeout);
  if (!edge) return edge.error();
  return read_offset_reply(*edge, text("ask where ", queue, " begins or ends"));
}

void PushConsumer::Engine::drop(const QueuePtr& own) {
  own->dropped = true;
  own->retry.cancel();
  if (clustering()) persist(*own);
  queues_.erase(own->queue);
}

std::set<std::string> PushConsumer::Engine::broker_addresses() {
  std::set<std::string> addresses;
  for (const Subscription& subscription : subscriptions_) {
    const auto route = client_.route_of(subscription.topic);
    if (!route) continue;
    for (const BrokerData& broker : route->brokers) {
      for (const auto& [id, address] : broker.addresses) addresses.insert(address);
    }
  }
  return addresses;
}

void PushConsumer::Engine::send_heartbeats() {
  Heartbeat heartbeat;
  heartbeat.client_id = client_.options().client_id;
  heartbeat.consumer = Heartbeat::Consumer{options_.group, options_.model, options_.from, subscriptions_};
  for (const std::string& address : broker_addresses()) {
    const auto reply = client_.remoting().call(address, heartbeat_request(heartbeat), client_.options().timeout);
    if (!reply) problem(reply.error());
    if (reply && !reply->ok()) problem(error_of(*reply, text("heartbeat to ", address)));
  }
}

Result<std::string> PushConsumer::Engine::address_of(const MessageQueue& queue) {
  const auto route = client_.route_of(queue.topic);
  if (!route) return route.error();
  const auto address = route->address_of(queue.broker_name);
  if (!address.empty()) return std::string(address);
  return Error(Errc::disconnected, text("broker ", queue.broker_name, " is not in the route of ", queue.topic));
}

void PushConsumer::Engine::persist_offsets() {
  if (!clustering()) return;
  for (const auto& [queue, own] : queues_) persist(*own);
}

void PushConsumer::Engine::persist(OwnQueue& own) {
  if (own.next_offset == own.committed_offset) return;
  const auto address = address_of(own.queue);
  if (!address) return problem(address.error());
  // Waited for, unlike in the Java client: who takes the queue over must not read an older offset.
  const auto reply = client_.remoting().call(
      *address, update_consumer_offset_request(options_.group, own.queue, own.next_offset), client_.options().timeout);
  if (!reply) return problem(reply.error());
  if (!reply->ok()) return problem(error_of(*reply, text("commit offset ", own.next_offset, " of ", own.queue)));
  own.committed_offset = own.next_offset;
}

}  // namespace tenon::client
