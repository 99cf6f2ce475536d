// SPDX-License-Identifier: Apache-2.0
// Who reads what does not lie in memory any more is sent to a slave, and back when it has caught up.
#include "routing/test_broker.hpp"

namespace tenon::kernel {
namespace {

/// The store of the test, with more log behind what is read than it has.
class LongLog final : public MessageStore {
 public:
  explicit LongLog(MessageStore& store) : store_(store) {}
  std::int64_t bytes_behind = 0;

  ReadResult read(const ReadRequest& request) const override {
    ReadResult result = store_.read(request);
    if (result.message_count > 0) result.bytes_behind = bytes_behind;
    return result;
  }
  Result<AppendReceipt> append(const Message& message) override { return store_.append(message); }
  Result<AppendReceipt> append_batch(std::span<const Message> messages, std::span<PhysicalOffset> records) override {
    return store_.append_batch(messages, records);
  }
  Result<StoredRecord> record_at(PhysicalOffset offset) const override { return store_.record_at(offset); }
  Result<StoredMessage> message_at(PhysicalOffset offset) const override { return store_.message_at(offset); }
  Result<KeyQueryResult> query_by_key(const KeyQuery& query) const override { return store_.query_by_key(query); }
  QueueBounds bounds(std::string_view topic, std::int32_t queue) const override { return store_.bounds(topic, queue); }
  Result<std::int64_t> store_time_at(std::string_view topic, std::int32_t queue, QueueOffset offset) const override {
    return store_.store_time_at(topic, queue, offset);
  }
  QueueOffset offset_at_time(std::string_view topic, std::int32_t queue, std::int64_t time_ms,
                             TimeBoundary boundary) const override {
    return store_.offset_at_time(topic, queue, time_ms, boundary);
  }
  Status delete_topic(std::string_view topic, PhysicalOffset below) override {
    return store_.delete_topic(topic, below);
  }
  StoreStatus status() const override { return store_.status(); }

 private:
  MessageStore& store_;
};

class SlowReaders : public test::BrokerTest {
 protected:
  static constexpr std::int64_t kFar = INT64_MAX;

  void open() {
    broker.emplace(config, host, time.run_every());
    broker->provide(services);
    services.provide<MessageStore>(log_);
    services.provide<FilterCompiler>(tags, "TAG");
    services.provide<RouteRegistrar>(registrar);
    broker->wire(services);
    broker->load();
    broker->start();
    broker->serve();
    ASSERT_TRUE(send("T"));
    SubscriptionGroupConfig group;
    group.name = "g";
    group.broker_id = 3;
    group.which_broker_when_consume_slowly = 5;
    ASSERT_TRUE(of<Groups>().put(group));
  }
  std::int64_t suggested(std::int64_t bytes_behind) {
    log_.bytes_behind = bytes_behind;
    const auto& pulled = outcome(start_pull(pull_request("g", "T", 0)));
    EXPECT_EQ(pulled->status, PullStatus::found);
    return pulled->suggest_broker_id;
  }
  LongLog log_{store};
};

TEST_F(SlowReaders, GoToTheSlaveAndComeBack) {
  open();
  EXPECT_EQ(suggested(0), 3);
  EXPECT_EQ(suggested(kFar), 5);
  EXPECT_EQ(suggested(1'000), 3) << "that lies in memory";
}

TEST_F(SlowReaders, StayWhereSlavesServeNobody) {
  config.slave_read = false;
  open();
  EXPECT_EQ(suggested(kFar), 0);
}

}  // namespace
}  // namespace tenon::kernel
