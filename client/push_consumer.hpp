// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "client/client_instance.hpp"
#include "client/heartbeat.hpp"
#include "client/message.hpp"

namespace tenon::client {

enum class ConsumeStatus {
  success,
  reconsume_later,                 ///< Give the messages back; they come again later, through the retry topic.
  suspend_current_queue_a_moment,  ///< Keep the place; the same messages come again after a second.
};

struct ConsumerOptions {
  std::string group = "DEFAULT_CONSUMER";
  MessageModel model = MessageModel::clustering;
  ConsumeFromWhere from = ConsumeFromWhere::last_offset;
  /// false: brokers are not told of us and keep nothing about us. Only with broadcasting: every queue is ours.
  bool registered = true;
  std::int32_t pull_batch = 32;
  std::size_t consume_threads = 1;
  std::int32_t max_reconsume_times = 16;
  Milliseconds rebalance_interval{20'000};
  Milliseconds heartbeat_interval{30'000};
  Milliseconds persist_interval{5'000};
  Milliseconds pull_error_delay{3'000};
};

/// Follows topics and hands their messages to a listener: RocketMQ's DefaultMQPushConsumer.
///
/// Clustering: the members of a group share the queues (average allocation, like the Java client's default) and brokers
/// keep the group's offsets; a message the listener does not take is sent back and comes again through the group's
/// retry topic. Broadcasting: every queue is read; offsets are kept in memory only, a message not taken is dropped. One
/// queue is consumed in order, one batch at a time; several queues at once with more than one thread. Threads: members
/// from any thread but the listener's; they wait. Ownership: `client` must outlive the consumer.
class PushConsumer {
 public:
  /// Runs on a consume thread. The messages are of one queue, in order. A thrown exception counts as reconsume_later.
  using Listener = std::function<ConsumeStatus(const std::vector<MessageExt>&)>;
  /// Told of what goes wrong and is tried again, a sentence each. Runs on the consumer's own thread.
  using ProblemHandler = std::function<void(const Error&)>;

  PushConsumer(ClientInstance& client, ConsumerOptions options = {});
  /// Calls shutdown().
  ~PushConsumer();
  PushConsumer(const PushConsumer&) = delete;
  PushConsumer& operator=(const PushConsumer&) = delete;

  /// Before start(). "*", or tags "TagA || TagB"; or with type "SQL92" a condition.
  void subscribe(const std::string& topic, const std::string& expression = "*",
                 const std::string& expression_type = "TAG");
  void on_problem(ProblemHandler handler);
  /// Registers and begins to pull. A topic without route is no error; it is looked for again.
  /// Error: no name server answers.
  Status start(Listener listener);
  /// Lets the listener finish, commits offsets, unregisters. Idempotent.
  void shutdown();

 private:
  class Engine;
  std::shared_ptr<Engine> engine_;  ///< Shared with answers that are still under way.
};

}  // namespace tenon::client
