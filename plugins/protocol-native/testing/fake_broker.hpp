// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <boost/asio/post.hpp>
#include <condition_variable>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "tenon/client_registry.hpp"
#include "tenon/consumer_offsets.hpp"
#include "tenon/publishing.hpp"
#include "tenon/pulling.hpp"
#include "tenon/queue_locks.hpp"

namespace tenon::protocol_native {

/// What the kernel's publish path would have taken in, and how it is told to answer.
class FakePublishing final : public Publishing {
 public:
  struct Taken {
    std::string topic, properties, body, producer_group;
    std::int32_t queue_id, flag, sys_flag, reconsume_times, max_reconsume_times;
    HostAddress born_host;
  };
  struct Held {
    std::shared_ptr<PublishCompletion> completion;
    std::uint64_t token;
    PublishReceipt receipt;
  };

  void publish(const PublishRequest& request, const std::shared_ptr<PublishCompletion>& completion,
               std::uint64_t token) override {
    take(request, request.message.body, request.message.properties);
    finish(receipt_of(request), completion, token);
  }
  void publish_batch(const PublishRequest& request, std::span<const BatchEntry> entries,
                     const std::shared_ptr<PublishCompletion>& completion, std::uint64_t token) override {
    PublishReceipt receipt = receipt_of(request);
    for (const BatchEntry& entry : entries) {
      take(request, entry.body, entry.properties);
      receipt.batch_physical_offsets.push_back(
          {4096 + 100 * static_cast<std::int64_t>(receipt.batch_physical_offsets.size())});
    }
    finish(receipt, completion, token);
  }
  void send_back(const SendBackRequest& request, const std::shared_ptr<PublishCompletion>& completion,
                 std::uint64_t token) override {
    sent_back.push_back(request.physical_offset.value);
    finish({}, completion, token);
  }
  /// Completes everything that was held, each on its connection's thread.
  void release() {
    std::vector<Held> all;
    {
      const std::lock_guard lock(mutex);
      all.swap(held);
    }
    for (Held& one : all) {
      boost::asio::post(one.completion->executor(),
                        [one] { one.completion->published(one.token, Result<PublishReceipt>(one.receipt)); });
    }
  }
  std::size_t held_count() {
    const std::lock_guard lock(mutex);
    return held.size();
  }

  std::mutex mutex;
  std::vector<Taken> taken;
  std::vector<Held> held;
  std::vector<std::int64_t> sent_back;
  std::optional<Error> refuse_with;
  std::error_code degraded;
  bool hold = false;

 private:
  static std::string string_of(std::span<const std::byte> bytes) {
    return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
  }
  void take(const PublishRequest& request, std::span<const std::byte> body, std::string_view properties) {
    const Message& message = request.message;
    const std::lock_guard lock(mutex);
    taken.push_back({std::string(message.topic), std::string(properties), string_of(body),
                     std::string(request.producer_group), message.queue_id, message.flag, message.sys_flag,
                     message.reconsume_times, request.max_reconsume_times, message.born_host});
  }
  PublishReceipt receipt_of(const PublishRequest& request) const {
    PublishReceipt receipt;
    receipt.append.queue_offset = {7};
    receipt.append.physical_offset = {4096};
    receipt.queue_id = request.message.queue_id;
    receipt.store_host = HostAddress::v4({192, 168, 1, 10}, 10911);
    receipt.degraded = degraded;
    return receipt;
  }
  void finish(const PublishReceipt& receipt, const std::shared_ptr<PublishCompletion>& completion,
              std::uint64_t token) {
    if (hold) {
      const std::lock_guard lock(mutex);
      held.push_back({completion, token, receipt});
    } else if (refuse_with) {
      completion->published(token, *refuse_with);
    } else {
      completion->published(token, receipt);
    }
  }
};

/// Pulls are answered by a function of the test; one that returns nothing holds the pull.
class FakePulling final : public Pulling {
 public:
  struct Held {
    std::shared_ptr<PullCompletion> completion;
    std::uint64_t token;
    boost::asio::any_io_executor executor;  ///< Of when the pull came.
  };
  void pull(const PullRequest& request, const std::shared_ptr<PullCompletion>& completion,
            std::uint64_t token) override {
    auto outcome = answer(request);
    if (outcome) return completion->pulled(token, *std::move(outcome));
    const std::lock_guard lock(mutex);
    held.push_back({completion, token, completion->executor()});
  }
  /// Answers every held pull, on the thread that its connection had.
  void release(std::function<Result<PullOutcome>()> make) {
    const std::lock_guard lock(mutex);
    for (Held& one : held) {
      boost::asio::post(one.executor, [one, make] { one.completion->pulled(one.token, make()); });
    }
    held.clear();
  }
  std::size_t held_count() {
    const std::lock_guard lock(mutex);
    return held.size();
  }

  std::mutex mutex;
  std::vector<Held> held;
  std::function<std::optional<Result<PullOutcome>>(const PullRequest&)> answer = [](const PullRequest&) {
    return std::nullopt;
  };
};

/// Groups and their members, told of changes as the kernel does it.
class FakeRegistry final : public ClientRegistry {
 public:
  void heartbeat(Heartbeat heartbeat, HeartbeatDone done) override {
    std::vector<std::pair<std::string, std::shared_ptr<ClientChannel>>> told;
    {
      const std::lock_guard lock(mutex);
      heartbeats.push_back(heartbeat);
      for (const auto& consumer : heartbeat.consumers) {
        consumers[consumer.group][heartbeat.client.client_id] = heartbeat.client.channel;
        for (const auto& [id, channel] : consumers[consumer.group]) told.emplace_back(consumer.group, channel);
      }
      producer_channels[heartbeat.client.client_id] = heartbeat.client.channel;
    }
    for (const auto& [group, channel] : told) channel->notify_consumer_ids_changed(group);
    done(HeartbeatOutcome{});
  }
  void unregister(const ClientIdentity& client, std::string_view, std::string_view consumer_group) override {
    const std::lock_guard lock(mutex);
    consumers[std::string(consumer_group)].erase(client.client_id);
  }
  void channel_closed(const ClientChannel& channel) override {
    const std::lock_guard lock(mutex);
    ++closed;
    for (auto& [group, members] : consumers)
      std::erase_if(members, [&](auto& member) { return member.second.get() == &channel; });
    std::erase_if(producer_channels, [&](auto& member) { return member.second.get() == &channel; });
    changed.notify_all();
  }
  bool wait_closed(int count) {
    std::unique_lock lock(mutex);
    return changed.wait_for(lock, std::chrono::seconds(10), [&] { return closed >= count; });
  }

  std::vector<std::string> consumer_ids(std::string_view group) const override {
    const std::lock_guard lock(mutex);
    std::vector<std::string> ids;
    if (const auto found = consumers.find(std::string(group)); found != consumers.end()) {
      for (const auto& [id, channel] : found->second) ids.push_back(id);
    }
    return ids;
  }
  std::optional<ConsumerGroupState> consumer_group(std::string_view) const override { return std::nullopt; }
  std::vector<std::string> consumer_groups() const override { return {}; }
  std::vector<ClientConnection> producers(std::string_view) const override { return {}; }
  std::vector<std::string> producer_groups() const override { return {}; }
  std::shared_ptr<ClientChannel> producer_channel(std::string_view client_id) const override {
    const std::lock_guard lock(mutex);
    const auto found = producer_channels.find(std::string(client_id));
    return found == producer_channels.end() ? nullptr : found->second;
  }

  mutable std::mutex mutex;
  std::condition_variable changed;
  std::vector<Heartbeat> heartbeats;
  std::map<std::string, std::map<std::string, std::shared_ptr<ClientChannel>>> consumers;
  std::map<std::string, std::shared_ptr<ClientChannel>> producer_channels;
  int closed = 0;
};

class FakeOffsets final : public ConsumerOffsets {
 public:
  using Key = std::tuple<std::string, std::string, std::int32_t>;
  Status commit(std::string_view group, std::string_view topic, std::int32_t queue_id, QueueOffset offset) override {
    const std::lock_guard lock(mutex);
    table[Key(group, topic, queue_id)] = offset;
    return {};
  }
  std::optional<QueueOffset> find(std::string_view group, std::string_view topic,
                                  std::int32_t queue_id) const override {
    const std::lock_guard lock(mutex);
    const auto found = table.find(Key(group, topic, queue_id));
    return found == table.end() ? std::nullopt : std::optional(found->second);
  }
  Result<QueueOffset> starting_offset(std::string_view group, std::string_view topic, std::int32_t queue_id,
                                      bool) const override {
    const auto offset = find(group, topic, queue_id);
    if (!offset) return Error(Errc::query_not_found, "Not found, V3_0_6_SNAPSHOT maybe this group consumer boot first");
    return *offset;
  }
  Status reset(std::string_view group, std::string_view topic, std::int32_t queue_id, QueueOffset offset) override {
    return commit(group, topic, queue_id, offset);
  }
  ByQueue of_topic(std::string_view group, std::string_view topic) const override {
    const std::lock_guard lock(mutex);
    ByQueue offsets;
    for (const auto& [key, offset] : table) {
      if (std::get<0>(key) == group && std::get<1>(key) == topic) offsets[std::get<2>(key)] = offset;
    }
    return offsets;
  }
  std::vector<std::string> topics_of(std::string_view) const override { return {}; }
  std::vector<std::string> groups_of(std::string_view topic) const override {
    const std::lock_guard lock(mutex);
    std::vector<std::string> groups;
    for (const auto& [key, offset] : table) {
      if (std::get<1>(key) == topic) groups.push_back(std::get<0>(key));
    }
    return groups;
  }
  std::vector<GroupOffsets> all() const override {
    const std::lock_guard lock(mutex);
    std::vector<GroupOffsets> all;
    for (const auto& [key, offset] : table) {
      const auto& [group, topic, queue_id] = key;
      all.push_back({group, topic, {{queue_id, offset}}});
    }
    return all;
  }
  void remove_group(std::string_view) override {}
  void remove_topic(std::string_view) override {}

  mutable std::mutex mutex;
  std::map<Key, QueueOffset> table;
};

class FakeLocks final : public QueueLocks {
 public:
  std::vector<MessageQueue> lock(std::string_view, std::string_view, const std::vector<MessageQueue>& queues) override {
    return queues;
  }
  void unlock(std::string_view, std::string_view, const std::vector<MessageQueue>& queues) override {
    unlocked += queues.size();
  }
  bool is_any_locked(std::string_view) const override { return false; }
  std::atomic<std::size_t> unlocked = 0;
};

}  // namespace tenon::protocol_native
