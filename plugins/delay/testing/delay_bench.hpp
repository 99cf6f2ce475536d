// SPDX-License-Identifier: Apache-2.0
// What the tests of the engines stand on: a store in memory, a clock that the test sets, work that runs when the test
// says so, and a delivery that writes down what it was given.
#pragma once

#include <boost/asio/io_context.hpp>
#include <chrono>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <span>
#include <stdexcept>
#include <string>
#include <vector>

#include "delay_interceptor.hpp"
#include "delivery_parts.hpp"
#include "names.hpp"
#include "tenon/testing/manual_host.hpp"
#include "tenon/testing/memory_message_store.hpp"
#include "tenon/testing/temporary_directory.hpp"
#include "tenon/topics.hpp"

namespace tenon::delay {

using tenon::testing::FixedIdentity;
using tenon::testing::TemporaryDirectory;
using Bodies = std::vector<std::string>;

/// Every topic is there.
class EveryTopic final : public Topics {
 public:
  std::shared_ptr<const TopicConfig> find(std::string_view) const override { return std::make_shared<TopicConfig>(); }
  std::vector<std::shared_ptr<const TopicConfig>> list() const override { return {}; }
  DataVersion version() const override { return {}; }
  bool is_system(std::string_view) const override { return false; }
  void put(TopicConfig, Done done) override { done(Status{}); }
  void remove(std::string_view, Done done) override { done(Status{}); }
};

/// Stores what it is given and tells about it.
class TestDelivery final : public MessageDelivery {
 public:
  struct Delivered {
    std::string topic;
    std::int32_t queue_id = 0;
    std::string body;
    std::string properties;
    std::int64_t at_ms = 0;
  };
  TestDelivery(MessageStore& store, const std::int64_t& now_ms) : store_(store), now_ms_(now_ms) {}

  Result<AppendReceipt> deliver(const Message& message, const DeliveryOptions&) override {
    if (throws) throw std::runtime_error("no memory");
    if (!refuses.empty()) return Error(Errc::service_not_available, refuses);
    auto receipt = store_.append(message);
    if (!receipt) return receipt;
    Delivered one{std::string(message.topic), message.queue_id, {}, std::string(message.properties), now_ms_};
    one.body.assign(reinterpret_cast<const char*>(message.body.data()), message.body.size());
    if (message.topic != kTimerTopic) delivered.push_back(std::move(one));
    if (appended) appended(message);
    return receipt;
  }
  bool is_safe(PhysicalOffset end) const noexcept override { return !replicated || end <= *replicated; }

  /// The bodies, in order.
  std::vector<std::string> bodies() const {
    std::vector<std::string> all;
    for (const Delivered& one : delivered) all.push_back(one.body);
    return all;
  }

  std::vector<Delivered> delivered;
  std::string refuses;
  bool throws = false;
  std::optional<PhysicalOffset> replicated;  ///< The slaves have what lies below; empty: everything.
  std::function<void(const Message&)> appended;

 private:
  MessageStore& store_;
  const std::int64_t& now_ms_;
};

struct DelayBench {
  TemporaryDirectory directory;
  std::int64_t now_ms = 1'795'000'000'123;
  tenon::testing::MemoryMessageStore store{[this] { return now_ms; }};
  TestDelivery delivery{store, now_ms};
  boost::asio::io_context context;
  FixedIdentity identity;
  DelayRules rules;
  DelayInterceptor interceptor;
  std::map<std::string, std::string> degraded;  ///< What was reported; empty when it is over.

  DelayBench() {
    rules.levels = DelayLevels::parse(DelayLevels::kDefault).value();
    rules.timer_max_delay_ms = 400LL * 86'400'000;
    interceptor.wire(rules, identity, [this] { return now_ms; });
  }
  DeliveryParts parts() {
    return {store,
            delivery,
            context.get_executor(),
            context.get_executor(),
            [this] { return now_ms; },
            Logger("delay"),
            [this](std::string_view what, std::string_view reason) { degraded[std::string(what)] = reason; }};
  }
  /// Runs what is ready, until nothing is.
  void run() {
    context.restart();
    while (context.poll() > 0) context.restart();
  }
  /// Runs, alarms included, until `done`, ten seconds at most; the test's clock goes on.
  bool run_until(const std::function<bool()>& done) {
    const auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds(10);
    while (!done() && std::chrono::steady_clock::now() < deadline) {
      now_ms += 100;
      context.restart();
      context.run_one_until(deadline);
    }
    return done();
  }
  /// Takes a message as the broker does: interceptor, then store. Returns the recall handle.
  Result<std::string> send(std::string_view body, std::string_view properties, std::string_view topic = "T") {
    Message message;
    message.topic = topic;
    message.queue_id = 3;
    message.properties = properties;
    message.born_timestamp_ms = now_ms;
    message.body = std::as_bytes(std::span(body));
    MessageDraft draft(message);
    if (Status taken = interceptor.intercept(draft); !taken) return taken.error();
    if (draft.message().topic == message.topic) {
      const auto delivered = delivery.deliver(draft.message(), {});
      return delivered ? Result<std::string>(draft.recall_handle()) : Result<std::string>(delivered.error());
    }
    const auto stored = store.append(draft.message());
    if (!stored) return stored.error();
    if (delivery.appended) delivery.appended(draft.message());
    return draft.recall_handle();
  }
  static std::string property(std::string_view name, std::string_view value) {
    std::string wire;
    append_property(wire, name, value);
    return wire;
  }
};

}  // namespace tenon::delay
