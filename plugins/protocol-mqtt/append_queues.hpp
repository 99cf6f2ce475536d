// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <atomic>
#include <cstdint>
#include <functional>
#include <map>
#include <mutex>
#include <string>
#include <string_view>
#include <vector>

#include "tenon/message_store.hpp"
#include "tenon/topics.hpp"

namespace tenon::protocol_mqtt {

/// How far each queue of the log was dispatched to MQTT clients, and which queues have something new.
///
/// mark() is called from any thread that has appended; everything else on the engine's thread. A queue that is met for
/// the first time begins at 0 if it did not exist when skip_to_end() was called last, and that is what an unknown
/// queue means.
class AppendQueues {
 public:
  struct Queue {
    std::string topic;
    std::int32_t queue_id = 0;
    QueueOffset next;
    bool listed = false;
    bool held = false;      ///< What is at `next` is stored, but cannot be read yet: see ReadableEnd.
    QueueOffset noted{-1};  ///< What the journal knows of `next`.
    int tries = 0;          ///< How often dispatching the record at `next` was begun.
  };
  using Key = std::pair<std::string, std::int32_t>;

  /// True when nothing was listed before: the caller sees to it that take() is called soon.
  bool mark(std::string_view topic, std::int32_t queue_id);
  /// The same, unless nothing of the queue is held back.
  bool mark_held(std::string_view topic, std::int32_t queue_id);
  /// Marks all of which something is held back.
  void mark_all_held();
  void set_held(Queue& queue, bool held);
  /// Whether something of any queue is held back. Threads: any.
  bool any_held() const noexcept { return held_.load(std::memory_order_seq_cst) > 0; }
  /// The queues that were marked since the last call. The objects stay where they are.
  std::vector<Queue*> take();
  /// Marks the queue again for the next take().
  void again(Queue& queue);
  /// Everything that can be read by now is passed over, but in queues of which something was held back.
  void skip_to_end(const MessageStore& store, const Topics& topics);
  /// The same for one queue.
  void skip_to_end(const MessageStore& store, std::string_view topic, std::int32_t queue_id);
  /// The same for queues that are not marked: what a marked one got is still to be dispatched.
  void skip_read(const MessageStore& store, const Topics& topics);
  void skip_read(const MessageStore& store, std::string_view topic, std::int32_t queue_id);
  /// For restoring: where the queue goes on.
  void set_next(std::string_view topic, std::int32_t queue_id, QueueOffset next);
  void for_each(const std::function<void(Queue&)>& visit);
  /// Marks every queue that is visible to MQTT clients.
  void mark_all(const Topics& topics);

 private:
  Queue& at(std::string_view topic, std::int32_t queue_id);
  bool list(Queue& queue);

  std::mutex mutex_;
  std::map<std::string, std::map<std::int32_t, Queue>, std::less<>> queues_;
  std::vector<Queue*> listed_;
  std::atomic<int> held_{0};  ///< How many queues are.
};

}  // namespace tenon::protocol_mqtt
