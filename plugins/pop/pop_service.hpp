// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <atomic>
#include <filesystem>
#include <memory>
#include <mutex>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "popper.hpp"
#include "receipt.hpp"
#include "request_modes.hpp"
#include "reviver.hpp"
#include "serial_work.hpp"
#include "tenon/append_listener.hpp"
#include "waiting_requests.hpp"

namespace tenon::pop {

/// POP consumption as others see it: every request is run on one serial executor, so that its parts need no locks.
class PopService final : public PopConsumption, public AppendListener {
 public:
  explicit PopService(const Parts& parts);
  ~PopService() override;

  /// Before anybody asks. Throws Failure.
  void open();
  /// This broker is the master: from now on it gives messages out.
  void begin();
  /// Those who wait are answered, and everything is written down.
  void end();
  void stop() noexcept { work_.stop(); }

  void pop(PopRequest request, Popped popped) override;
  void await_messages(PopRequest request, std::function<void(Result<PopStatus>)> found) override;
  void peek(PopRequest request, Popped peeked) override;
  std::int32_t waiting(std::string_view group, std::string_view topic, std::int32_t queue_id) const override;

  void acknowledge(const PoppedMessage& message, Done done) override;
  Status acknowledge_batch(const PoppedBatch& batch) override;
  void change_invisible_time(const PoppedMessage& message, std::chrono::milliseconds invisible_time,
                             Changed changed) override;

  RequestMode request_mode(std::string_view topic, std::string_view group) const override;
  std::vector<RequestMode> request_modes() const override;
  Status set_request_mode(const RequestMode& mode) override;

  bool listens() const noexcept override { return !waiting_.empty(); }
  void appended(std::string_view topic, std::int32_t queue_id, QueueOffset offset) noexcept override;
  void readable(std::string_view topic, std::int32_t queue_id, QueueOffset offset) noexcept override {
    appended(topic, queue_id, offset);
  }

 private:
  struct OwnedMessage;
  /// What the offset that the next message gets counts for.
  enum class EndOfQueue { a_message, nothing };

  /// Topics and their queues.
  using Queues = std::set<std::pair<std::string, std::int32_t>>;

  std::chrono::milliseconds tick();
  void wake_for_new_messages();
  bool revive();
  void wake_freed_queues();
  void save_ordered();
  void begin_pop(PopRequest request, Popped popped);
  void begin_await(PopRequest request, std::function<void(Result<PopStatus>)> found);
  template <class Attempt, class Answer>
  void wait_for(const CheckedPop& checked, std::int64_t deadline_ms, Attempt attempt, Answer full);
  Result<PopOutcome> take(const CheckedPop& checked);
  void wake_next(const PopRequest& request, const PopOutcome& outcome);
  Result<Receipt> check(const PoppedMessage& message, EndOfQueue end) const;
  bool end_in_order(const OrderedQueue& queue, QueueOffset offset, std::int64_t pop_time_ms);
  void acknowledge_in_order(const OwnedMessage& message, const Done& done);
  void change_in_order(const OwnedMessage& message, std::chrono::milliseconds invisible_time, const Changed& changed);
  Result<ChangedInvisibleTime> change(const OwnedMessage& message, std::chrono::milliseconds invisible_time);

  const Parts& parts_;
  KeptOffsets offsets_;
  ReviveLog log_;
  OrderedQueues ordered_;
  Popper popper_;
  WaitingRequests waiting_;
  RequestModes modes_;
  std::vector<std::unique_ptr<Reviver>> revivers_;
  std::filesystem::path ordered_path_;
  std::int64_t ordered_saved_ms_ = 0;
  std::int64_t ticked_ms_ = 0;
  std::int64_t revived_ms_ = 0;
  std::mutex came_mutex_;
  Queues came_;  ///< Got messages that nobody was woken for yet.
  SerialWork work_;
};

}  // namespace tenon::pop
