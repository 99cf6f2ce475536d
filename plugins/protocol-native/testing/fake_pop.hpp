// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <functional>
#include <mutex>
#include <optional>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "tenon/pop_consumption.hpp"

namespace tenon::protocol_native {

/// Remembers what a handler passed on, and answers what a test says; what it says nothing to is held.
class FakePop final : public PopConsumption {
 public:
  /// A PoppedMessage, with everything copied.
  struct Acknowledged {
    std::string group, topic, receipt;
    std::int32_t queue_id;
    std::int64_t offset;
  };

  void pop(PopRequest request, Popped popped) override { ask(std::move(request), std::move(popped)); }
  void peek(PopRequest request, Popped peeked) override { ask(std::move(request), std::move(peeked)); }
  void await_messages(PopRequest request, std::function<void(Result<PopStatus>)> found) override {
    ask(std::move(request), [found = std::move(found)](Result<PopOutcome> popped) {
      popped ? found(popped->status) : found(popped.error());
    });
  }
  std::int32_t waiting(std::string_view group, std::string_view topic, std::int32_t queue_id) const override {
    const std::lock_guard lock(mutex);
    std::int32_t count = 0;
    for (const auto& [request, popped] : held) {
      if (request.group == group && request.topic == topic && request.queue_id == queue_id) ++count;
    }
    return count;
  }

  void acknowledge(const PoppedMessage& message, Done done) override {
    note(message);
    done(refuse_with ? Status(*refuse_with) : Status());
  }
  Status acknowledge_batch(const PoppedBatch& batch) override {
    const std::lock_guard lock(mutex);
    batches.push_back(batch);
    return refuse_with && batches.size() == 1 ? Status(*refuse_with) : Status();
  }
  void change_invisible_time(const PoppedMessage& message, std::chrono::milliseconds invisible_time,
                             Changed changed) override {
    note(message);
    if (refuse_with) return changed(*refuse_with);
    changed(ChangedInvisibleTime{1795264355623, invisible_time, 4});
  }

  RequestMode request_mode(std::string_view topic, std::string_view group) const override {
    const std::lock_guard lock(mutex);
    for (const RequestMode& set : modes) {
      if (set.topic == topic && set.group == group) return set;
    }
    return {};
  }
  std::vector<RequestMode> request_modes() const override {
    const std::lock_guard lock(mutex);
    return modes;
  }
  Status set_request_mode(const RequestMode& set) override {
    const std::lock_guard lock(mutex);
    set_on = std::this_thread::get_id();
    if (refuse_with) return *refuse_with;
    modes.push_back(set);
    return {};
  }

  std::size_t held_count() const {
    const std::lock_guard lock(mutex);
    return held.size();
  }
  /// Answers everything that is held, from the calling thread.
  void release(const Result<PopOutcome>& with) {
    std::vector<std::pair<PopRequest, Popped>> all;
    {
      const std::lock_guard lock(mutex);
      all.swap(held);
    }
    for (auto& [request, popped] : all) popped(with);
  }

  mutable std::mutex mutex;
  std::optional<Result<PopOutcome>> outcome;  ///< Empty: requests are held.
  std::optional<Error> refuse_with;           ///< Acknowledgements (of batches: the first) and modes.
  std::vector<PopRequest> asked;              ///< Without their clients, which would live on.
  std::vector<std::pair<PopRequest, Popped>> held;
  std::vector<Acknowledged> acknowledged;
  std::vector<PoppedBatch> batches;
  std::vector<RequestMode> modes;
  std::thread::id set_on;
  bool client_was_open = false;

 private:
  void ask(PopRequest request, Popped popped) {
    {
      const std::lock_guard lock(mutex);
      client_was_open = request.client != nullptr && request.client->is_open();
      asked.push_back(request);
      asked.back().client.reset();
      if (!outcome) held.emplace_back(std::move(request), popped);
    }
    if (outcome) popped(*outcome);
  }
  void note(const PoppedMessage& message) {
    const std::lock_guard lock(mutex);
    acknowledged.push_back({std::string(message.group), std::string(message.topic), std::string(message.receipt),
                            message.queue_id, message.offset.value});
  }
};

}  // namespace tenon::protocol_native
