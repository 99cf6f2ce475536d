// SPDX-License-Identifier: Apache-2.0
// What the pop plug-in stands on, for tests: a store in memory, a timer and a clock that are the test's, tables.
#pragma once

#include <map>
#include <memory>
#include <set>
#include <string>
#include <tuple>
#include <vector>

#include "names.hpp"
#include "parts.hpp"
#include "tenon/testing/manual_host.hpp"
#include "tenon/testing/memory_message_store.hpp"
#include "tenon/testing/temporary_directory.hpp"

namespace tenon::pop {

/// Offsets and resets in a table; nothing is refused.
class OffsetsForTest final : public ConsumerOffsets, public ConsumerOffsetResets {
 public:
  using Key = std::tuple<std::string, std::string, std::int32_t>;

  Status commit(std::string_view group, std::string_view topic, std::int32_t queue_id, QueueOffset offset) override;
  std::optional<QueueOffset> find(std::string_view group, std::string_view topic, std::int32_t queue_id) const override;
  Result<QueueOffset> starting_offset(std::string_view group, std::string_view topic, std::int32_t queue_id,
                                      bool zero_for_young_queue) const override;
  Status reset(std::string_view group, std::string_view topic, std::int32_t queue_id, QueueOffset offset) override;
  std::optional<QueueOffset> take_reset(std::string_view group, std::string_view topic, std::int32_t queue_id) override;
  ByQueue of_topic(std::string_view, std::string_view) const override { return {}; }
  std::vector<std::string> topics_of(std::string_view) const override { return {}; }
  std::vector<std::string> groups_of(std::string_view) const override { return {}; }
  std::vector<GroupOffsets> all() const override { return {}; }
  void remove_group(std::string_view) override {}
  void remove_topic(std::string_view) override {}

  std::map<Key, QueueOffset> committed;
  std::map<Key, QueueOffset> resets;
  bool queues_are_young = true;
};

class TopicsForTest final : public Topics {
 public:
  std::shared_ptr<const TopicConfig> find(std::string_view topic) const override;
  std::vector<std::shared_ptr<const TopicConfig>> list() const override { return {}; }
  DataVersion version() const override { return {}; }
  bool is_system(std::string_view) const override { return false; }
  void put(TopicConfig config, Done done) override;
  void remove(std::string_view topic, Done done) override;

  std::map<std::string, std::shared_ptr<const TopicConfig>, std::less<>> all;
};

class GroupsForTest final : public Groups {
 public:
  std::shared_ptr<const SubscriptionGroupConfig> find(std::string_view group) const override;
  std::shared_ptr<const SubscriptionGroupConfig> find_or_create(std::string_view group) override { return find(group); }
  std::vector<std::shared_ptr<const SubscriptionGroupConfig>> list() const override { return {}; }
  DataVersion version() const override { return {}; }
  Status put(SubscriptionGroupConfig config) override;
  Status remove(std::string_view group, bool clean_offsets) override;

  std::map<std::string, std::shared_ptr<const SubscriptionGroupConfig>, std::less<>> all;
};

/// Stores at once, unless the test says that the store refuses.
class DeliveryForTest final : public MessageDelivery {
 public:
  explicit DeliveryForTest(testing::MemoryMessageStore& store) : store_(store) {}
  Result<AppendReceipt> deliver(const Message& message, const DeliveryOptions& options) override;
  bool is_safe(PhysicalOffset end) const noexcept override { return end <= safe_end; }

  std::string refuses;  ///< Why; empty: it does not.
  PhysicalOffset safe_end{INT64_MAX};

 private:
  testing::MemoryMessageStore& store_;
};

/// Keeps messages until the test's clock has passed their time.
class TimerForTest final : public DeliveryScheduler {
 public:
  TimerForTest(testing::ManualHost& host, testing::MemoryMessageStore& store) : host_(host), store_(store) {}
  Result<ScheduledDelivery> schedule(const Message& message, std::int64_t deliver_at_ms) override;
  Result<std::string> cancel(std::string_view, std::string_view) override { return std::string(); }
  TimerProgress timer_progress() const override { return {}; }
  std::int64_t delivered_until_ms() const override { return host_.clock_ms; }
  DelayLevelProgress level_progress() const override { return {}; }
  std::vector<PendingDeliveries> pending() const override { return {}; }
  /// Delivers what is due.
  void run();

  std::string refuses;  ///< Why; empty: it does not.
  std::int64_t furthest_ms = INT64_MAX;
  bool throws = false;

 private:
  struct Waiting {
    std::string topic, properties, body;
    std::int32_t queue_id;
  };
  AppendReceipt store(const Waiting& waiting);

  testing::ManualHost& host_;
  testing::MemoryMessageStore& store_;
  std::multimap<std::int64_t, Waiting> waiting_;
};

/// A filter for the tag that is the expression; "(" does not compile.
class TagsForTest final : public FilterCompiler {
 public:
  Result<std::shared_ptr<const CompiledFilter>> compile(std::string_view expression) const override;
};

/// All of it: topic Orders of two queues, group g.
struct PopWorld {
  PopWorld();
  AppendReceipt send(std::string_view body, std::int32_t queue_id = 0, std::string_view topic = "Orders",
                     std::string_view tag = {});
  void make_topic(std::string name, std::int32_t queues);
  /// The clock goes on, and the timer delivers what is due by then.
  void pass(std::chrono::milliseconds time);
  /// What lies in a queue, by its body.
  std::vector<std::string> bodies(std::string_view topic, std::int32_t queue_id = 0) const;
  std::vector<StoredMessage> messages(std::string_view topic, std::int32_t queue_id = 0) const;

  testing::TemporaryDirectory directory;
  testing::ManualHost host{directory.path()};
  testing::MemoryMessageStore store{[this] { return host.clock_ms; }};
  DeliveryForTest delivery{store};
  TimerForTest timer{host, store};
  OffsetsForTest offsets;
  TopicsForTest topics;
  GroupsForTest groups;
  testing::FixedIdentity identity;
  TagsForTest tags;
  Settings settings;
  Parts parts;
};

}  // namespace tenon::pop
