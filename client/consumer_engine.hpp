// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/thread_pool.hpp>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <thread>
#include <vector>

#include "client/broker_requests.hpp"
#include "client/push_consumer.hpp"

namespace tenon::client {

/// The works of a PushConsumer.
///
/// Threads: `service_` is one thread that owns all state and makes the waiting calls (routes, heartbeats, offsets);
/// pulls are asynchronous and come back to it; `consume_` runs the listener. Nothing is locked because nothing is
/// shared. Ownership: an answer that arrives after the end finds the engine gone (weak_ptr); all else ends in
/// shutdown().
class PushConsumer::Engine : public std::enable_shared_from_this<PushConsumer::Engine> {
 public:
  Engine(ClientInstance& client, ConsumerOptions options);

  void subscribe(Subscription subscription) { subscriptions_.push_back(std::move(subscription)); }
  void on_problem(ProblemHandler handler) { problem_ = std::move(handler); }
  Status start(Listener listener);
  void shutdown();

 private:
  /// A queue that is ours at present.
  struct OwnQueue {
    explicit OwnQueue(const boost::asio::io_context::executor_type& executor) : retry(executor) {}
    MessageQueue queue;
    Subscription subscription;
    std::int64_t next_offset = 0;        ///< Everything before it is consumed.
    std::int64_t committed_offset = -1;  ///< What the broker last heard.
    bool dropped = false;                ///< No longer ours: whatever comes back is ignored.
    boost::asio::steady_timer retry;
  };
  using QueuePtr = std::shared_ptr<OwnQueue>;
  using Assignment = std::map<MessageQueue, QueuePtr>;

  bool clustering() const noexcept { return options_.model == MessageModel::clustering; }
  Status begin();
  Status check_filter(const Subscription& subscription, const TopicRoute& route);
  void finish();
  void repeat(boost::asio::steady_timer& timer, Milliseconds interval, void (Engine::*work)());
  void problem(const Error& error) const;

  // consumer_rebalance.cpp
  void rebalance();
  bool rebalance_topic(const Subscription& subscription);
  Result<std::vector<MessageQueue>> share_of(const TopicRoute& route, const Subscription& subscription);
  bool take_up(const MessageQueue& queue, const Subscription& subscription);
  Result<std::int64_t> start_offset(const MessageQueue& queue);
  void drop(const QueuePtr& own);
  void send_heartbeats();
  std::set<std::string> broker_addresses();
  Result<std::string> address_of(const MessageQueue& queue);
  void persist_offsets();
  void persist(OwnQueue& own);

  // consumer_pull.cpp
  void pull(const QueuePtr& own);
  void pull_later(const QueuePtr& own, Milliseconds delay);
  void take_reply(const QueuePtr& own, const Result<Reply>& reply);
  /// What a pull has brought, handed to the listener in parts.
  struct Brought {
    std::vector<MessageExt> messages;
    std::size_t taken = 0;         ///< So many of them are in a part already, or unwanted.
    std::int64_t next_offset = 0;  ///< Behind the part that was taken last.
    std::int64_t end_offset = 0;   ///< Behind all.
  };
  std::vector<MessageExt> take_part(const OwnQueue& own, Brought& brought) const;
  void deliver(const QueuePtr& own, std::shared_ptr<Brought> brought);
  void consumed(const QueuePtr& own, ConsumeStatus status, const std::vector<MessageExt>& part,
                std::shared_ptr<Brought> brought);
  bool give_back(const std::vector<MessageExt>& messages);

  ClientInstance& client_;
  const ConsumerOptions options_;
  std::vector<Subscription> subscriptions_;
  Listener listener_;
  ProblemHandler problem_;
  boost::asio::io_context service_{1};
  boost::asio::executor_work_guard<boost::asio::io_context::executor_type> work_;
  boost::asio::steady_timer rebalance_timer_, heartbeat_timer_, persist_timer_;
  boost::asio::thread_pool consume_;
  Assignment queues_;
  bool stopping_ = false;
  std::thread thread_;
};

}  // namespace tenon::client
