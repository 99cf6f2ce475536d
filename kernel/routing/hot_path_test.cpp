// SPDX-License-Identifier: Apache-2.0
// The promise of the publish path: a plain message to a known topic allocates nothing in the kernel.
#include <cstdlib>

#include "allocation_count/allocation_count.hpp"
#include "routing/test_broker.hpp"
#include "tenon/commit_gate.hpp"

namespace tenon::kernel {
namespace {

/// Takes every message and keeps none.
class NullStore final : public MessageStore {
 public:
  Result<AppendReceipt> append(const Message& message) override {
    AppendReceipt receipt;
    receipt.queue_offset = QueueOffset{count_++};
    receipt.physical_offset = PhysicalOffset{end_};
    end_ += static_cast<std::int64_t>(100 + message.properties.size() + message.body.size());
    receipt.physical_end = PhysicalOffset{end_};
    return receipt;
  }
  Result<AppendReceipt> append_batch(std::span<const Message>, std::span<PhysicalOffset>) override {
    return AppendReceipt{};
  }
  ReadResult read(const ReadRequest&) const override { return {}; }
  Result<StoredRecord> record_at(PhysicalOffset) const override { return Error(Errc::query_not_found, "null"); }
  Result<StoredMessage> message_at(PhysicalOffset) const override { return Error(Errc::query_not_found, "null"); }
  Result<KeyQueryResult> query_by_key(const KeyQuery&) const override { return KeyQueryResult{}; }
  QueueBounds bounds(std::string_view, std::int32_t) const override { return {}; }
  Result<std::int64_t> store_time_at(std::string_view, std::int32_t, QueueOffset) const override { return 0; }
  QueueOffset offset_at_time(std::string_view, std::int32_t, std::int64_t, TimeBoundary) const override { return {}; }
  Status delete_topic(std::string_view, PhysicalOffset) override { return {}; }
  StoreStatus status() const override { return {}; }

 private:
  std::int64_t count_ = 0, end_ = 0;
};

class CountingProducer final : public PublishCompletion {
 public:
  explicit CountingProducer(boost::asio::any_io_executor executor) : executor_(std::move(executor)) {}
  void published(std::uint64_t, const Result<PublishReceipt>& outcome) noexcept override {
    stored += outcome.has_value();
  }
  boost::asio::any_io_executor executor() const override { return executor_; }
  int stored = 0;

 private:
  const boost::asio::any_io_executor executor_;
};

/// Opens when the test says so.
class ClosedGate final : public CommitGate {
 public:
  bool is_safe(PhysicalOffset) const noexcept override { return false; }
  void wait_for(PhysicalOffset, std::chrono::steady_clock::time_point, Passed passed) override {
    waiting.push_back(std::move(passed));
  }
  std::vector<Passed> waiting;
};

PublishRequest plain_request(std::span<const char> body) {
  PublishRequest request;
  request.message.topic = "Plain";
  request.message.properties =
      "TAGS\x01"
      "A\x02KEYS\x01"
      "k1 k2\x02UNIQ_KEY\x01"
      "7F0000010001ABCDEF0000000000000A\x02WAIT\x01true\x02";
  request.message.body = std::as_bytes(body);
  request.creation.template_topic = "TBW102";
  return request;
}

class PublishPath : public ::testing::Test {
 protected:
  void start() {
    broker.provide(services);
    services.provide<MessageStore>(store);
    services.provide<RouteRegistrar>(registrar);
    broker.wire(services);
    broker.load();
    broker.start();
    publishing = &services.require<Publishing>();
  }
  void publish() { publishing->publish(request, producer, 1); }

  test::TemporaryDirectory directory;
  test::ManualHost host{directory.path()};
  test::ListedServices services;
  test::RecordingRegistrar registrar;
  NullStore store;
  Broker broker{BrokerConfig{}, host};
  const std::shared_ptr<CountingProducer> producer = std::make_shared<CountingProducer>(host.context.get_executor());
  const std::string body = std::string(128, 'x');
  const PublishRequest request = plain_request(body);
  Publishing* publishing = nullptr;
};

TEST_F(PublishPath, AllocatesForATurnAndNotForAMessageThatWaitsForAGate) {
  ClosedGate gate;
  services.provide<CommitGate>(gate);
  start();
  constexpr int kSends = 64;
  const auto turn = [&](int sends) {
    for (int index = 0; index < sends; ++index) publish();
    host.run();
    for (const auto& passed : gate.waiting) passed(Status{});
    gate.waiting.clear();
    host.run();
  };
  turn(1);  // settles the topic
  turn(1);
  const std::int64_t before = allocation_count();
  turn(kSends);
  EXPECT_LE(allocation_count() - before, 12);
  EXPECT_EQ(producer->stored, kSends + 2);
}

TEST_F(PublishPath, AllocatesNothingForAPlainMessage) {
  start();
  // TENON_PUBLISHES raises the number, for callgrind to take a difference.
  const char* wanted = std::getenv("TENON_PUBLISHES");
  const int count = wanted != nullptr ? std::atoi(wanted) : 1'000;
  publish();
  host.run();
  publish();
  const std::int64_t before = allocation_count();
  for (int index = 0; index < count; ++index) publish();
  EXPECT_EQ(allocation_count() - before, 0);
  EXPECT_EQ(producer->stored, count + 2);
}

}  // namespace
}  // namespace tenon::kernel
