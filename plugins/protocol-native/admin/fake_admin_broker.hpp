// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <map>
#include <optional>
#include <string>

#include "tenon/broker_identity.hpp"
#include "tenon/consumer_offset_changes.hpp"
#include "tenon/groups.hpp"
#include "tenon/message_store.hpp"
#include "tenon/statistics.hpp"
#include "tenon/topics.hpp"

namespace tenon::protocol_native {

class FakeIdentity final : public BrokerIdentity {
 public:
  std::string_view cluster() const noexcept override { return "DefaultCluster"; }
  std::string_view broker_name() const noexcept override { return "broker-a"; }
  std::int64_t broker_id() const noexcept override { return id; }
  HostAddress advertised_address() const override { return HostAddress::v4({127, 0, 0, 1}, 10911); }
  std::int64_t boot_timestamp_ms() const noexcept override { return 1'699'999'000'000; }
  std::vector<std::pair<std::string, std::string>> settings() const override {
    return {{"autoCreateTopicEnable", "true"}};
  }

  std::int64_t id = 0;
};

class FakeTopics final : public Topics {
 public:
  std::shared_ptr<const TopicConfig> find(std::string_view topic) const override {
    const auto found = table.find(std::string(topic));
    return found == table.end() ? nullptr : found->second;
  }
  std::vector<std::shared_ptr<const TopicConfig>> list() const override {
    std::vector<std::shared_ptr<const TopicConfig>> all;
    for (const auto& [name, topic] : table) all.push_back(topic);
    return all;
  }
  DataVersion version() const override { return {0, 1, 2}; }
  bool is_system(std::string_view topic) const override { return topic == "TBW102"; }
  void put(TopicConfig config, Done done) override {
    ++puts;
    const std::string name = config.name;
    table[name] = std::make_shared<const TopicConfig>(std::move(config));
    done(Status());
  }
  void remove(std::string_view topic, Done done) override {
    table.erase(std::string(topic));
    done(Status());
  }

  int puts = 0;
  std::map<std::string, std::shared_ptr<const TopicConfig>> table;
};

class FakeGroups final : public Groups {
 public:
  std::shared_ptr<const SubscriptionGroupConfig> find(std::string_view group) const override {
    const auto found = table.find(std::string(group));
    return found == table.end() ? nullptr : found->second;
  }
  std::shared_ptr<const SubscriptionGroupConfig> find_or_create(std::string_view group) override {
    if (auto known = find(group)) return known;
    SubscriptionGroupConfig created;
    created.name = group;
    (void)put(std::move(created));
    return find(group);
  }
  std::vector<std::shared_ptr<const SubscriptionGroupConfig>> list() const override {
    std::vector<std::shared_ptr<const SubscriptionGroupConfig>> all;
    for (const auto& [name, group] : table) all.push_back(group);
    return all;
  }
  DataVersion version() const override { return {0, 3, 4}; }
  Status put(SubscriptionGroupConfig config) override {
    const std::string name = config.name;
    table[name] = std::make_shared<const SubscriptionGroupConfig>(std::move(config));
    return {};
  }
  Status remove(std::string_view group, bool) override {
    table.erase(std::string(group));
    return {};
  }

  std::map<std::string, std::shared_ptr<const SubscriptionGroupConfig>> table;
};

class FakeOffsetChanges final : public ConsumerOffsetChanges {
 public:
  std::int64_t origin() const noexcept override { return 77; }
  OffsetChanges changes_since(std::int64_t origin, std::int64_t position, std::size_t) const override {
    OffsetChanges changes{77, 12, false, {}};
    if (origin != 77 || position < 12) changes.offsets.push_back({"g", "T", {{3, {7}}}});
    return changes;
  }
};

/// Every queue holds the messages 0 to 9; message n was stored at 1000 + n ms, lies at 100 n and has tags code n.
class TenMessageStore final : public MessageStore {
 public:
  Result<AppendReceipt> append(const Message&) override { return refused(); }
  Result<AppendReceipt> append_batch(std::span<const Message>, std::span<PhysicalOffset>) override { return refused(); }
  ReadResult read(const ReadRequest& request) const override {
    for (std::int64_t offset = request.offset.value; offset < 10; ++offset) {
      if (request.filter != nullptr) (void)request.filter->match_index({{offset * 100}, 100, offset});
    }
    return {};
  }
  Result<StoredRecord> record_at(PhysicalOffset) const override { return refused(); }
  Result<StoredMessage> message_at(PhysicalOffset) const override { return refused(); }
  Result<KeyQueryResult> query_by_key(const KeyQuery&) const override { return refused(); }
  QueueBounds bounds(std::string_view, std::int32_t) const override { return {{0}, {10}}; }
  Result<std::int64_t> store_time_at(std::string_view, std::int32_t, QueueOffset offset) const override {
    if (offset.value < 0 || offset.value >= 10) return refused();
    return 1000 + offset.value;
  }
  QueueOffset offset_at_time(std::string_view, std::int32_t, std::int64_t timestamp_ms, TimeBoundary) const override {
    return {timestamp_ms - 1000};
  }
  Status delete_topic(std::string_view, PhysicalOffset) override { return {}; }
  StoreStatus status() const override { return {}; }

 private:
  static Error refused() { return {Errc::query_not_found, "nothing there"}; }
};

class FakeStatistics final : public Statistics {
 public:
  std::optional<CounterStatistics> find(std::string_view name, std::string_view key) const override {
    if (name != "TOPIC_PUT_NUMS" || key != "T") return std::nullopt;
    CounterStatistics counter;
    counter.minute = {24, 0.4, 1.0};
    return counter;
  }
  BrokerTotals totals() const override { return {}; }
};

}  // namespace tenon::protocol_native
