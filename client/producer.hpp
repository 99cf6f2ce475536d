// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <atomic>
#include <cstdint>
#include <mutex>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "client/client_instance.hpp"
#include "client/message.hpp"

namespace tenon::client {

/// How well a message is stored; all of them are successful sends.
enum class SendStatus { ok, flush_disk_timeout, flush_slave_timeout, slave_not_available };

struct SendResult {
  SendStatus status = SendStatus::ok;
  std::string message_id;         ///< Ours (UNIQ_KEY); of a batch: all of them, joined with commas.
  std::string offset_message_id;  ///< The broker's; of a batch likewise.
  MessageQueue queue;
  std::int64_t queue_offset = 0;  ///< Of the first message, for a batch.
};

struct ProducerOptions {
  std::string group = "DEFAULT_PRODUCER";
  Milliseconds send_timeout{3000};  ///< For a call with all its retries.
  int retry_times_when_send_failed = 2;
  std::size_t compress_body_over_bytes = 4096;  ///< Bodies this long are deflated; batches never.
  std::size_t body_bytes_max = 4 * 1024 * 1024;
  std::int32_t default_topic_queue_nums = 4;  ///< Of a topic that the broker creates for us.
};

/// Sends messages: RocketMQ's DefaultMQProducer.
///
/// Queues of brokers with a master are used in turn; what a broker refuses with a code that another may not, or a lost
/// connection, is tried at another broker. A topic without route takes the template TBW102 if the cluster has one.
/// Threads: any; calls wait. Ownership: `client` must outlive the producer.
/// Errors: message_illegal before anything is sent; topic_not_exist; those of RemotingClient; what the broker says.
class Producer {
 public:
  Producer(ClientInstance& client, ProducerOptions options = {});
  /// Unregisters from the brokers that know us.
  ~Producer();
  Producer(const Producer&) = delete;
  Producer& operator=(const Producer&) = delete;

  Result<SendResult> send(const Message& message);
  /// To exactly this queue; not retried elsewhere.
  Result<SendResult> send(const Message& message, const MessageQueue& queue);
  /// All to one queue, stored with consecutive offsets. They must have one topic and no delay level.
  Result<SendResult> send(const std::vector<Message>& batch);
  /// No answer, no retry, no promise. Error: only what can be seen here.
  Status send_oneway(const Message& message);

 private:
  struct Prepared;  // a message or batch ready for the wire but for its queue
  static Result<Prepared> prepare(const Message& message, const ProducerOptions& options);
  static Result<Prepared> prepare(const std::vector<Message>& batch, const ProducerOptions& options);

  Result<TopicRoute> publish_route(const std::string& topic);
  Result<SendResult> send_with_retries(const Prepared& prepared);
  Result<SendResult> send_once(const Prepared& prepared, const MessageQueue& queue, const std::string& address,
                               Milliseconds timeout, bool& retry);
  Request request_for(const Prepared& prepared, const MessageQueue& queue) const;
  void introduce_to(const std::string& address);

  ClientInstance& client_;
  const ProducerOptions options_;
  std::atomic<std::uint32_t> turn_;
  std::mutex mutex_;
  std::map<std::string, std::chrono::steady_clock::time_point> introduced_;  ///< Broker to last heartbeat; guarded.
};

}  // namespace tenon::client
