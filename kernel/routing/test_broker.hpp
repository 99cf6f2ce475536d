// SPDX-License-Identifier: Apache-2.0
// What the tests of routing and namesrv_link stand on: a Broker over an in-memory store, with a clock and executors
// that the test drives, and connections that write down what they are told.
#pragma once

#include <gtest/gtest.h>

#include <boost/asio/io_context.hpp>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "routing/broker.hpp"
#include "tenon/client_registry.hpp"
#include "tenon/consumer_offsets.hpp"
#include "tenon/groups.hpp"
#include "tenon/publishing.hpp"
#include "tenon/pulling.hpp"
#include "tenon/queue_locks.hpp"
#include "tenon/route_registrar.hpp"
#include "tenon/statistics.hpp"
#include "tenon/testing/manual_host.hpp"
#include "tenon/testing/memory_message_store.hpp"
#include "tenon/testing/temporary_directory.hpp"
#include "tenon/topics.hpp"

namespace tenon::kernel::test {

using tenon::testing::ListedServices;
using tenon::testing::ManualHost;
using tenon::testing::TemporaryDirectory;

/// Time for repeating work, which passes when the test says so.
class ManualTime {
 public:
  RunEvery run_every() {
    return [this](std::chrono::milliseconds period, std::function<void()> work) {
      auto repeating = std::make_shared<Repeating>(Repeating{period, now_ + period, std::move(work)});
      all_.push_back(repeating);
      return repeating;
    };
  }
  /// Does what falls due, in its order.
  void advance(std::chrono::milliseconds by) {
    const auto end = now_ + by;
    for (;;) {
      std::shared_ptr<Repeating> first;
      for (const auto& weak : all_) {
        const auto one = weak.lock();
        if (one && one->next <= end && (!first || one->next < first->next)) first = one;
      }
      if (!first) break;
      now_ = first->next;
      first->next += first->period;
      first->work();
    }
    now_ = end;
  }

 private:
  struct Repeating {
    std::chrono::milliseconds period, next;
    std::function<void()> work;
  };
  std::chrono::milliseconds now_{0};
  std::vector<std::weak_ptr<Repeating>> all_;
};

inline TopicConfig topic_named(std::string name) {
  TopicConfig topic;
  topic.name = std::move(name);
  return topic;
}

class RecordingProducer final : public PublishCompletion {
 public:
  explicit RecordingProducer(boost::asio::any_io_executor executor) : executor_(std::move(executor)) {}
  void published(std::uint64_t token, const Result<PublishReceipt>& outcome) noexcept override {
    outcomes.emplace(token, outcome);
  }
  boost::asio::any_io_executor executor() const override { return executor_; }

  std::map<std::uint64_t, Result<PublishReceipt>> outcomes;

 private:
  const boost::asio::any_io_executor executor_;
};

class RecordingConsumer final : public PullCompletion {
 public:
  explicit RecordingConsumer(boost::asio::any_io_executor executor) : executor_(std::move(executor)) {}
  void pulled(std::uint64_t token, Result<PullOutcome> outcome) noexcept override {
    outcomes.emplace(token, std::move(outcome));
  }
  boost::asio::any_io_executor executor() const override { return executor_; }

  std::map<std::uint64_t, Result<PullOutcome>> outcomes;

 private:
  const boost::asio::any_io_executor executor_;
};

class RecordingChannel final : public ClientChannel {
 public:
  explicit RecordingChannel(boost::asio::any_io_executor executor) : executor_(std::move(executor)) {}
  const HostAddress& remote_address() const noexcept override { return address_; }
  bool is_open() const noexcept override { return open; }
  boost::asio::any_io_executor executor() const override { return executor_; }
  void notify_consumer_ids_changed(std::string_view group) override { notified.emplace_back(group); }
  void push_reply(const ReplyPush&, Answered answered) override { answered(Status{}); }
  void close() override { open = false; }

  std::vector<std::string> notified;
  bool open = true;

 private:
  const boost::asio::any_io_executor executor_;
  const HostAddress address_ = HostAddress::v4({127, 0, 0, 1}, 40'000);
};

/// Name servers that answer when the test lets them.
class RecordingRegistrar final : public RouteRegistrar {
 public:
  struct Call {
    std::string name_server;
    BrokerRegistration registration;
    std::function<void(Status)> done;
  };
  HostAddress advertised_address() const override { return HostAddress::v4({127, 0, 0, 1}, 10'911); }
  void register_broker(std::string_view name_server, const BrokerRegistration& registration, std::chrono::milliseconds,
                       Registered done) override {
    const auto answer_with = [this, done = std::move(done)](const Status& status) {
      done(status ? Result<RegistrationAnswer>(said) : status.error());
    };
    registered.push_back({std::string(name_server), registration, answer_with});
    if (answer) answer_with(*answer);
  }
  void unregister_broker(std::string_view name_server, const BrokerRegistration& registration,
                         std::chrono::milliseconds, Done done) override {
    unregistered.push_back({std::string(name_server), registration, done});
    done(Status{});
  }

  void check_registration(std::string_view name_server, const BrokerRegistration&, std::chrono::milliseconds,
                          Checked done) override {
    checked.emplace_back(name_server);
    if (while_checking) while_checking();
    done(is_current);
  }
  void find_master(std::string_view, std::string_view, std::chrono::milliseconds, Found done) override {
    ++looked;
    done(known_master);
  }

  Result<std::string> known_master = std::string();
  int looked = 0;
  Result<bool> is_current = true;
  std::vector<std::string> checked;
  std::function<void()> while_checking;     ///< Comes before the answer.
  std::optional<Status> answer = Status{};  ///< Empty: the test answers by calling `done`.
  RegistrationAnswer said;
  std::vector<Call> registered, unregistered;
};

/// A tag filter of one tag, by hash only.
class OneTagCompiler final : public FilterCompiler {
 public:
  class Filter final : public CompiledFilter {
   public:
    explicit Filter(std::int64_t code) : code_(code) {}
    bool match_index(const IndexEntry& entry) const noexcept override { return entry.tags_code == code_; }
    bool needs_properties() const noexcept override { return false; }
    bool match_properties(const PropertiesView&) const noexcept override { return true; }

   private:
    std::int64_t code_;
  };
  Result<std::shared_ptr<const CompiledFilter>> compile(std::string_view expression) const override {
    ++compilations;
    if (expression == "||") return Error(Errc::subscription_parse_failed, "the expression names no tag");
    return std::shared_ptr<const CompiledFilter>(std::make_shared<Filter>(java_string_hash(expression)));
  }
  mutable int compilations = 0;
};

/// A whole broker. Set the members that matter, then call open().
class BrokerTest : public ::testing::Test {
 protected:
  void open() {
    load();
    broker->start();
    broker->serve();
  }
  /// Up to where the first plug-in starts.
  void load() {
    broker.emplace(config, host, time.run_every());
    broker->provide(services);
    services.provide<MessageStore>(store);
    services.provide<ReadableEnd>(store);
    if (batches != nullptr) services.provide<BatchQueues>(*batches);
    services.provide<FilterCompiler>(tags, "TAG");
    services.provide<RouteRegistrar>(registrar);
    broker->wire(services);
    broker->load();
  }
  template <class T>
  T& of() {
    return services.require<T>();
  }

  /// Publishes and returns the outcome; fails the test when there is none yet.
  Result<PublishReceipt> send(std::string_view topic, std::string_view properties = {}, std::int32_t queue_id = 0) {
    PublishRequest request = request_for(topic, properties, queue_id);
    return send(request);
  }
  Result<PublishReceipt> send(const PublishRequest& request) {
    const std::uint64_t token = ++tokens;
    of<Publishing>().publish(request, producer, token);
    host.run();
    const auto found = producer->outcomes.find(token);
    if (found == producer->outcomes.end()) return Error(Errc::timed_out, "no outcome yet");
    return found->second;
  }
  PublishRequest request_for(std::string_view topic, std::string_view properties, std::int32_t queue_id) {
    PublishRequest request;
    request.message.topic = topic;
    request.message.queue_id = queue_id;
    request.message.properties = properties;
    request.message.born_timestamp_ms = host.clock_ms;
    request.message.born_host = HostAddress::v4({127, 0, 0, 1}, 50'000);
    request.message.body = std::as_bytes(std::span(body));
    request.creation.template_topic = "TBW102";
    return request;
  }
  PullRequest pull_request(std::string_view group, std::string_view topic, std::int64_t offset) {
    PullRequest request;
    request.group = group;
    request.topic = topic;
    request.offset = QueueOffset{offset};
    request.has_subscription = true;
    return request;
  }
  /// Starts a pull; its token finds the outcome.
  std::uint64_t start_pull(const PullRequest& request) {
    const std::uint64_t token = ++tokens;
    of<Pulling>().pull(request, consumer, token);
    return token;
  }
  bool answered(std::uint64_t token) const { return consumer->outcomes.contains(token); }
  const Result<PullOutcome>& outcome(std::uint64_t token) const { return consumer->outcomes.at(token); }

  std::shared_ptr<RecordingChannel> channel() {
    return std::make_shared<RecordingChannel>(host.context.get_executor());
  }
  static Heartbeat heartbeat_of(const std::shared_ptr<ClientChannel>& from, std::string client_id, std::string group,
                                std::vector<std::string> topics) {
    Heartbeat heartbeat;
    heartbeat.client = {std::move(client_id), "JAVA", 0, from};
    ConsumerRegistration consumer_group;
    consumer_group.group = std::move(group);
    for (std::string& topic : topics) consumer_group.subscriptions.emplace_back().topic = std::move(topic);
    heartbeat.consumers.push_back(std::move(consumer_group));
    return heartbeat;
  }
  std::optional<HeartbeatOutcome> beat(Heartbeat heartbeat) {
    // The answer may come after this has returned.
    const auto result = std::make_shared<std::optional<HeartbeatOutcome>>();
    of<ClientRegistry>().heartbeat(std::move(heartbeat),
                                   [result](const Result<HeartbeatOutcome>& done) { *result = done.value(); });
    host.run();
    return *result;
  }

  TemporaryDirectory directory;
  ManualHost host{directory.path()};
  ManualTime time;
  BrokerConfig config;
  tenon::testing::MemoryMessageStore store{[this] { return host.clock_ms; }};
  BatchQueues* batches = &store;  ///< nullptr: a store that has none.
  OneTagCompiler tags;
  RecordingRegistrar registrar;
  ListedServices services;
  std::optional<Broker> broker;
  std::shared_ptr<RecordingProducer> producer = std::make_shared<RecordingProducer>(host.context.get_executor());
  std::shared_ptr<RecordingConsumer> consumer = std::make_shared<RecordingConsumer>(host.context.get_executor());
  std::string body = "hello";
  std::uint64_t tokens = 0;
};

}  // namespace tenon::kernel::test
