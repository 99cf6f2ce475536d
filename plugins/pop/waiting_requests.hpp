// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <atomic>
#include <cstdint>
#include <functional>
#include <list>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <vector>

#include "name_keys.hpp"
#include "settings.hpp"
#include "tenon/client_channel.hpp"

namespace tenon::pop {

/// Requests that have found nothing and wait for messages (long polling). Source: broker-semantics.md 10.10.
/// Threads: one at a time, but for count() and has().
class WaitingRequests {
 public:
  /// Tries again. `last`: answers whatever it finds. True when it has answered.
  using Attempt = std::function<bool(bool last)>;
  struct Request {
    std::string topic;
    std::string group;
    std::int32_t queue_id = -1;
    std::int64_t deadline_ms = 0;
    std::shared_ptr<ClientChannel> client;  ///< nullptr: always there.
    Attempt attempt;
  };

  explicit WaitingRequests(const Settings& settings) : settings_(settings) {}

  /// False: too many wait.
  bool add(Request request);
  /// A message came: one request of each group for this queue, and one for any queue, try again. A request that finds
  /// nothing waits on.
  void message_came(std::string_view topic, std::int32_t queue_id);
  /// The same for one group.
  void message_came_for(std::string_view group, std::string_view topic, std::int32_t queue_id);
  /// A message is to be tried again, which is given to whoever asks, whatever the queue.
  void retry_came_for(std::string_view group, std::string_view topic);
  /// Those whose time is over.
  void expire(std::int64_t now_ms);
  /// All of them answer now.
  void end() { expire(INT64_MAX); }

  bool empty() const noexcept { return total_.load(std::memory_order_relaxed) == 0; }
  std::int32_t count(std::string_view group, std::string_view topic, std::int32_t queue_id) const;
  /// Whether anybody waits for messages of this topic.
  bool has(std::string_view topic) const;

 private:
  using Queue = std::list<Request>;

  /// Lets those whose client is there try until one has answered, a few at most; who has found nothing goes to the end.
  /// Those whose client has gone are forgotten.
  void try_one(Queue& queue);
  void erase(Queue& queue, Queue::iterator request);

  const Settings& settings_;
  mutable std::mutex mutex_;  ///< Of the map's shape: who runs the requests changes it, others look into it.
  std::map<NameKey, Queue, NameKeyLess> queues_;  ///< By topic, group, queue.
  std::atomic<std::size_t> total_{0};
};

}  // namespace tenon::pop
