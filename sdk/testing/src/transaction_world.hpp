// SPDX-License-Identifier: Apache-2.0
// The capabilities that TransactionTestBroker gives to a plug-in.
#pragma once

#include <atomic>
#include <boost/asio/io_context.hpp>
#include <charconv>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <tuple>
#include <vector>

#include "tenon/client_registry.hpp"
#include "tenon/consumer_offsets.hpp"
#include "tenon/message_delivery.hpp"
#include "tenon/publish_interceptor.hpp"
#include "tenon/testing/manual_host.hpp"
#include "tenon/testing/temporary_directory.hpp"
#include "tenon/testing/transaction_test_broker.hpp"

namespace tenon::testing {

/// Values from texts such as a TOML file has.
class TextSection final : public ConfigSection {
 public:
  TextSection(std::span<const ConfigKey> keys, const std::map<std::string, std::string>& values);
  bool boolean(std::string_view key) const override { return value(key) == "true"; }
  std::int64_t integer(std::string_view key) const override { return number_in(value(key)).first; }
  double number(std::string_view key) const override { return static_cast<double>(integer(key)); }
  std::int64_t size_bytes(std::string_view key) const override;
  std::chrono::milliseconds duration(std::string_view key) const override;
  std::chrono::microseconds short_duration(std::string_view key) const override;
  std::string string(std::string_view key) const override { return value(key); }
  std::vector<std::string> list(std::string_view) const override { return {}; }
  std::vector<const ConfigSection*> tables(std::string_view) const override { return {}; }
  bool is_set(std::string_view key) const override { return set_.contains(std::string(key)); }

 private:
  const std::string& value(std::string_view key) const { return values_.at(std::string(key)); }
  static std::pair<std::int64_t, std::string> number_in(const std::string& text);

  std::map<std::string, std::string> values_;
  std::set<std::string> set_;
};

class TestOffsets final : public ConsumerOffsets {
 public:
  using Key = std::tuple<std::string, std::string, std::int32_t>;
  Status commit(std::string_view group, std::string_view topic, std::int32_t queue_id, QueueOffset offset) override {
    now[{std::string(group), std::string(topic), queue_id}] = offset;
    return {};
  }
  std::optional<QueueOffset> find(std::string_view group, std::string_view topic,
                                  std::int32_t queue_id) const override {
    const auto found = now.find({std::string(group), std::string(topic), queue_id});
    if (found == now.end()) return std::nullopt;
    return found->second;
  }
  Result<QueueOffset> starting_offset(std::string_view, std::string_view, std::int32_t, bool) const override {
    return Error(Errc::query_not_found, "the test keeps no such offset");
  }
  Status reset(std::string_view group, std::string_view topic, std::int32_t queue_id, QueueOffset offset) override {
    return commit(group, topic, queue_id, offset);
  }
  ByQueue of_topic(std::string_view, std::string_view) const override { return {}; }
  std::vector<std::string> topics_of(std::string_view) const override { return {}; }
  std::vector<std::string> groups_of(std::string_view) const override { return {}; }
  std::vector<GroupOffsets> all() const override { return {}; }
  void remove_group(std::string_view) override {}
  void remove_topic(std::string_view) override {}

  std::map<Key, QueueOffset> now, on_disk;
};

/// Writes down what it is asked.
class ProducerChannel final : public ClientChannel {
 public:
  ProducerChannel(boost::asio::any_io_executor executor, std::vector<ReceivedCheck>& checks)
      : executor_(std::move(executor)), checks_(checks) {}
  const HostAddress& remote_address() const noexcept override { return address_; }
  bool is_open() const noexcept override { return true; }
  boost::asio::any_io_executor executor() const override { return executor_; }
  void notify_consumer_ids_changed(std::string_view) override {}
  void push_reply(const ReplyPush&, Answered answered) override { answered(Status{}); }
  Status check_transaction(const TransactionCheck& check) override;
  void close() override {}

 private:
  const boost::asio::any_io_executor executor_;
  const HostAddress address_ = HostAddress::v4({127, 0, 0, 1}, 40'000);
  std::vector<ReceivedCheck>& checks_;
};

class TestClients final : public ClientRegistry {
 public:
  void heartbeat(Heartbeat, HeartbeatDone done) override { done(HeartbeatOutcome{}); }
  void unregister(const ClientIdentity&, std::string_view, std::string_view) override {}
  void channel_closed(const ClientChannel&) override {}
  std::vector<std::string> consumer_ids(std::string_view) const override { return {}; }
  std::optional<ConsumerGroupState> consumer_group(std::string_view) const override { return std::nullopt; }
  std::vector<std::string> consumer_groups() const override { return {}; }
  std::vector<ClientConnection> producers(std::string_view group) const override {
    ++looks;
    const auto found = members.find(std::string(group));
    return found == members.end() ? std::vector<ClientConnection>{} : found->second;
  }
  std::vector<std::string> producer_groups() const override { return {}; }
  std::shared_ptr<ClientChannel> producer_channel(std::string_view) const override { return nullptr; }

  std::map<std::string, std::vector<ClientConnection>> members;
  mutable std::int64_t looks = 0;
};

/// Stores at once, until the process "dies".
class TestDelivery final : public MessageDelivery {
 public:
  TestDelivery(MemoryMessageStore& message_store, const BrokerIdentity& identity)
      : store_(message_store), identity_(identity) {}
  Result<AppendReceipt> deliver(const Message& message, const DeliveryOptions& options) override;
  bool is_safe(PhysicalOffset) const noexcept override { return true; }

  std::int64_t appends_left = INT64_MAX;
  std::vector<std::optional<int>> interceptors_after;

 private:
  MemoryMessageStore& store_;
  const BrokerIdentity& identity_;
};

}  // namespace tenon::testing
