// SPDX-License-Identifier: Apache-2.0
#include "client/push_consumer.hpp"

#include <gtest/gtest.h>

#include <condition_variable>
#include <deque>
#include <future>
#include <map>
#include <set>

#include "client/fake_cluster.hpp"
#include "record/record_encoder.hpp"
#include "remoting/batch_body.hpp"
#include "tenon/batch_queues.hpp"
#include "tenon/properties.hpp"

namespace tenon::client {
namespace {

using remoting::RequestCode;

/// A broker with one topic "T" of two queues that holds pulls at the end: enough for a consumer to live with.
class FakeBroker {
 public:
  FakeBroker()
      : server_([this](const Reply& request) { return serve(request); }), names_([this](const Reply& request) {
          const bool retry = request.field("topic").value_or("").starts_with("%RETRY%");
          return success({}, route_json({server_.address()}, retry ? 1 : 2));
        }) {}

  FakeServer& server() { return server_; }
  FakeServer& names() { return names_; }
  RequestLog& log() { return log_; }
  void add_message(const std::string& queue) {
    const std::lock_guard lock(mutex_);
    ++sizes_[queue];
  }
  /// The messages of `queue` are one record.
  void add_batch(const std::string& queue, std::int64_t messages) {
    const std::lock_guard lock(mutex_);
    batches_.insert(queue);
    sizes_[queue] = messages;
  }
  void set_members(std::string json) {
    const std::lock_guard lock(mutex_);
    members_ = std::move(json);
  }
  std::int64_t committed(const std::string& queue) {
    const std::lock_guard lock(mutex_);
    return committed_.contains(queue) ? committed_[queue] : -1;
  }

 private:
  static std::string key(const Reply& request) {
    return text(request.field("topic").value_or(""), "/", request.field("queueId").value_or(""));
  }

  std::optional<Reply> serve(const Reply& request) {
    log_.add(request);
    const std::lock_guard lock(mutex_);
    switch (static_cast<RequestCode>(request.code)) {
      case RequestCode::get_consumer_list_by_group:
        return success({}, members_);
      case RequestCode::check_client_config:
        return request.body.find("wrong") == std::string::npos ? success() : refusal(23, "line 1, column 1: wrong");
      case RequestCode::query_consumer_offset:
        return committed_.contains(key(request)) ? success({{"offset", std::to_string(committed_[key(request)])}})
                                                 : refusal(22, "none");
      case RequestCode::update_consumer_offset:
        committed_[key(request)] = request.number("commitOffset", -1);
        return success();
      case RequestCode::get_min_offset:
        return success({{"offset", "0"}});
      case RequestCode::get_max_offset:
        return success({{"offset", std::to_string(sizes_[key(request)])}});
      case RequestCode::pull_message:
        return pull(request);
      default:
        return success();
    }
  }

  std::optional<Reply> pull(const Reply& request) {
    const std::int64_t offset = request.number("queueOffset", 0);
    if (offset >= sizes_[key(request)]) return std::nullopt;  // held
    if (batches_.contains(key(request))) return pull_batch(request, sizes_[key(request)]);
    tenon::Message message;
    const std::string topic(request.field("topic").value_or("")), body = text(key(request), "@", offset);
    message.topic = topic;
    message.queue_id = static_cast<std::int32_t>(request.number("queueId", 0));
    message.body = std::as_bytes(std::span(body));
    return found(message, offset, offset + 1);
  }
  static Reply found(const tenon::Message& message, std::int64_t offset, std::int64_t next) {
    std::string record(record::encoded_size(message), '\0');
    auto* bytes = reinterpret_cast<std::byte*>(record.data());
    record::encode(message, bytes);
    record::patch(bytes, {{offset}, {offset * 100}, 0}, false);
    return success({{"nextBeginOffset", std::to_string(next)}, {"minOffset", "0"}, {"maxOffset", "9"}}, record);
  }
  static Reply pull_batch(const Reply& request, std::int64_t messages) {
    remoting::OutputBuffer body;
    for (std::int64_t number = 0; number < messages; ++number) {
      const std::string one = text(key(request), "@", number);
      remoting::append_batch_message(body, {0, {}, std::as_bytes(std::span(one))});
    }
    tenon::Message message;
    const std::string topic(request.field("topic").value_or(""));
    message.topic = topic;
    message.queue_id = static_cast<std::int32_t>(request.number("queueId", 0));
    message.sys_flag = sys_flag::inner_batch | sys_flag::needs_unwrap;
    message.body = body.bytes();
    return found(message, 0, messages);
  }

  std::mutex mutex_;
  std::map<std::string, std::int64_t> sizes_, committed_;  ///< By "topic/queue"; guarded.
  std::set<std::string> batches_;                          ///< Guarded.
  std::string members_ = R"({"consumerIdList":["127.0.0.1@me"]})";
  RequestLog log_;
  FakeServer server_;
  FakeServer names_;
};

/// Collects bodies and lets a test wait for a number of them.
class Inbox {
 public:
  PushConsumer::Listener listener(ConsumeStatus status = ConsumeStatus::success) {
    return [this, status](const std::vector<MessageExt>& messages) {
      const std::lock_guard lock(mutex_);
      for (const MessageExt& message : messages) bodies_.push_back(message.body);
      arrived_.notify_all();
      return status;
    };
  }
  std::vector<std::string> wait_for(std::size_t count) {
    std::unique_lock lock(mutex_);
    arrived_.wait_for(lock, std::chrono::seconds(30), [&] { return bodies_.size() >= count; });
    return bodies_;
  }

 private:
  std::mutex mutex_;
  std::condition_variable arrived_;
  std::vector<std::string> bodies_;
};

TEST(PushConsumer, ReadsEveryQueueInOrderAndCommitsAtTheEnd) {
  FakeBroker broker;
  for (int i = 0; i < 3; ++i) broker.add_message("T/0");
  broker.add_message("T/1");
  ClientInstance client(client_of(broker.names()));
  Inbox inbox;
  {
    PushConsumer consumer(client, {.group = "g", .from = ConsumeFromWhere::first_offset});
    consumer.subscribe("T");
    ASSERT_TRUE(consumer.start(inbox.listener()).has_value());
    const auto bodies = inbox.wait_for(4);
    std::vector<std::string> of_first;
    for (const auto& body : bodies) {
      if (body.starts_with("T/0")) of_first.push_back(body);
    }
    EXPECT_EQ(of_first, (std::vector<std::string>{"T/0@0", "T/0@1", "T/0@2"}));
    EXPECT_EQ(bodies.size(), 4U);
  }
  EXPECT_EQ(broker.committed("T/0"), 3);
  EXPECT_EQ(broker.committed("T/1"), 1);
  EXPECT_EQ(broker.log().of(RequestCode::unregister_client).size(), 1U);
}

TEST(PushConsumer, AsksWhetherTheBrokerCanFilterBeforeItRegisters) {
  FakeBroker broker;
  ClientInstance client(client_of(broker.names()));
  Inbox inbox;
  PushConsumer wrong(client, {.group = "g"});
  wrong.subscribe("T", "wrong", "SQL92");
  const Status refused = wrong.start(inbox.listener());
  ASSERT_FALSE(refused);
  EXPECT_NE(refused.error().message().find("line 1, column 1: wrong"), std::string::npos);
  EXPECT_TRUE(broker.log().of(RequestCode::heart_beat).empty());
  PushConsumer right(client, {.group = "g"});
  right.subscribe("T", "a = 1", "SQL92");
  ASSERT_TRUE(right.start(inbox.listener()).has_value());
  const auto asked = broker.log().of(RequestCode::check_client_config);
  ASSERT_EQ(asked.size(), 2U) << "not for the retry topic, which is subscribed by tag";
  EXPECT_NE(asked[1].body.find(R"("expressionType":"SQL92","subString":"a = 1")"), std::string::npos) << asked[1].body;
}

TEST(PushConsumer, RegistersBeforeItAsksForTheMembers) {
  FakeBroker broker;
  ClientInstance client(client_of(broker.names()));
  PushConsumer consumer(client, {.group = "g"});
  consumer.subscribe("T", "TagA || TagB");
  Inbox inbox;
  ASSERT_TRUE(consumer.start(inbox.listener()).has_value());
  const auto heartbeats = broker.log().of(RequestCode::heart_beat);
  ASSERT_FALSE(heartbeats.empty());
  EXPECT_NE(heartbeats[0].body.find(R"("groupName":"g")"), std::string::npos);
  EXPECT_NE(heartbeats[0].body.find(R"("codeSet":[2598919,2598920])"), std::string::npos) << heartbeats[0].body;
  EXPECT_NE(heartbeats[0].body.find(R"("topic":"%RETRY%g")"), std::string::npos);
}

TEST(PushConsumer, GivesQueuesUpWhenAnotherMemberComes) {
  FakeBroker broker;
  broker.add_message("T/0");
  broker.add_message("T/1");
  ClientInstance client(client_of(broker.names()));
  Inbox inbox;
  PushConsumer consumer(client, {.group = "g", .from = ConsumeFromWhere::first_offset});
  consumer.subscribe("T");
  ASSERT_TRUE(consumer.start(inbox.listener()).has_value());
  inbox.wait_for(2);
  broker.set_members(
      R"({"consumerIdList":["127.0.0.1@me","127.0.0.1@another"]})");  // sorts before us: we keep the second half
  const std::size_t asked = broker.log().of(RequestCode::get_consumer_list_by_group).size();
  Request notify(RequestCode::notify_consumer_ids_changed);
  notify.field("consumerGroup", "g");
  broker.server().push(notify);
  while (broker.committed("T/0") != 1) std::this_thread::yield();  // the queue that was given up is committed at once
  EXPECT_GT(broker.log().of(RequestCode::get_consumer_list_by_group).size(), asked);
}

TEST(PushConsumer, GivesBackWhatTheListenerDoesNotTake) {
  FakeBroker broker;
  broker.add_message("T/1");
  ClientInstance client(client_of(broker.names()));
  Inbox inbox;
  {
    PushConsumer consumer(client, {.group = "g", .from = ConsumeFromWhere::first_offset});
    consumer.subscribe("T");
    ASSERT_TRUE(consumer.start(inbox.listener(ConsumeStatus::reconsume_later)).has_value());
    inbox.wait_for(1);
  }
  const auto given_back = broker.log().of(RequestCode::consumer_send_msg_back);
  ASSERT_EQ(given_back.size(), 1U);
  EXPECT_EQ(given_back[0].field("group"), "g");
  EXPECT_EQ(given_back[0].field("originTopic"), "T");
  EXPECT_EQ(broker.committed("T/1"), 1);
}

TEST(PushConsumer, MayStopInTheMiddleOfABatchThatIsOneRecord) {
  FakeBroker broker;
  broker.add_batch("T/0", 5);
  ClientInstance client(client_of(broker.names()));
  std::promise<void> full;
  std::vector<std::string> bodies;
  PushConsumer consumer(client, {.group = "g", .from = ConsumeFromWhere::first_offset, .pull_batch = 2});
  consumer.subscribe("T");
  ASSERT_TRUE(consumer.start([&](const std::vector<MessageExt>& messages) {
    if (bodies.size() == 4) return ConsumeStatus::suspend_current_queue_a_moment;
    for (const MessageExt& message : messages) bodies.push_back(message.body);
    if (bodies.size() == 4) full.set_value();
    return ConsumeStatus::success;
  }));
  ASSERT_EQ(full.get_future().wait_for(std::chrono::seconds(30)), std::future_status::ready);
  consumer.shutdown();
  EXPECT_EQ(bodies, (std::vector<std::string>{"T/0@0", "T/0@1", "T/0@2", "T/0@3"}));
  EXPECT_EQ(broker.committed("T/0"), 4);
  for (const auto& pull : broker.log().of(RequestCode::pull_message))
    EXPECT_NE(pull.number("queueOffset", -1), 2) << "the batch was there already";
}

TEST(PushConsumer, SendsAMessageOfABatchThatIsOneRecordToTheRetryTopic) {
  FakeBroker broker;
  broker.add_batch("T/1", 1);
  ClientInstance client(client_of(broker.names()));
  Inbox inbox;
  {
    PushConsumer consumer(client, {.group = "g", .from = ConsumeFromWhere::first_offset, .max_reconsume_times = 7});
    consumer.subscribe("T");
    ASSERT_TRUE(consumer.start(inbox.listener(ConsumeStatus::reconsume_later)).has_value());
    inbox.wait_for(1);
  }
  EXPECT_TRUE(broker.log().of(RequestCode::consumer_send_msg_back).empty());
  const auto sent = broker.log().of(RequestCode::send_message_v2);
  ASSERT_EQ(sent.size(), 1U);
  EXPECT_EQ(sent[0].body, "T/1@0");
  EXPECT_EQ(sent[0].field("b"), "%RETRY%g");
  EXPECT_EQ(sent[0].field("j"), "1");
  EXPECT_EQ(sent[0].field("l"), "7");
  const std::string properties(sent[0].field("i").value_or(""));
  EXPECT_EQ(PropertiesView(properties).find(property::retry_topic), "T");
  EXPECT_EQ(PropertiesView(properties).find(property::delay), "3");
  EXPECT_EQ(broker.committed("T/1"), 1);
}

TEST(PushConsumer, WithoutRegistrationNobodyHearsOfIt) {
  FakeBroker broker;
  broker.add_message("T/0");
  ClientInstance client(client_of(broker.names()));
  Inbox inbox;
  {
    PushConsumer consumer(client, {.group = "TOOLS_CONSUMER",
                                   .model = MessageModel::broadcasting,
                                   .from = ConsumeFromWhere::first_offset,
                                   .registered = false});
    consumer.subscribe("T");
    ASSERT_TRUE(consumer.start(inbox.listener()).has_value());
    inbox.wait_for(1);
  }
  for (const RequestCode code :
       {RequestCode::heart_beat, RequestCode::update_consumer_offset, RequestCode::unregister_client}) {
    EXPECT_TRUE(broker.log().of(code).empty()) << static_cast<int>(code);
  }
}

TEST(PushConsumer, CannotStartWithoutNameServer) {
  std::string gone;
  {
    gone = FakeServer([](const Reply&) { return success(); }).address();
  }
  ClientOptions options;
  options.name_servers = gone;
  ClientInstance client(options);
  PushConsumer consumer(client, {.group = "g"});
  consumer.subscribe("T");
  EXPECT_TRUE(consumer.start([](const auto&) { return ConsumeStatus::success; }).error().is(Errc::disconnected));
}

}  // namespace
}  // namespace tenon::client
