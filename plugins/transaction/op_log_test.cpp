// SPDX-License-Identifier: Apache-2.0
#include "op_log.hpp"

#include <gmock/gmock.h>

#include <optional>
#include <stdexcept>

namespace tenon::transaction {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

std::vector<std::int64_t> parsed(std::string_view body) {
  std::vector<std::int64_t> values;
  for (const QueueOffset half : OpLog::parse(body)) values.push_back(half.value);
  return values;
}

TEST(OpLogTest, ReadsTheBodiesOfBothGenerations) {
  EXPECT_THAT(parsed("0,1,3,"), ElementsAre(0, 1, 3));
  EXPECT_THAT(parsed("17"), ElementsAre(17)) << "4.9";
  EXPECT_THAT(parsed("5,,x,-3,9223372036854775808,7"), ElementsAre(5, 7));
  EXPECT_THAT(parsed(""), IsEmpty());
}

class Stored final : public MessageDelivery {
 public:
  Result<AppendReceipt> deliver(const Message& message, const DeliveryOptions&) override {
    if (during) std::exchange(during, {})();
    if (throws) throw std::runtime_error("no memory");
    if (refuse) return Error(Errc::service_not_available, "the disk is full");
    bodies.emplace_back(reinterpret_cast<const char*>(message.body.data()), message.body.size());
    EXPECT_EQ(message.properties, "WAIT\1true\2TAGS\1d\2");
    EXPECT_EQ(message.topic, "RMQ_SYS_TRANS_OP_HALF_TOPIC");
    AppendReceipt receipt;
    receipt.queue_offset = {static_cast<std::int64_t>(bodies.size()) - 1};
    return receipt;
  }
  bool is_safe(PhysicalOffset) const noexcept override { return true; }

  std::vector<std::string> bodies;
  bool refuse = false, throws = false;
  std::function<void()> during;
};

class Identity final : public BrokerIdentity {
 public:
  std::string_view cluster() const noexcept override { return "c"; }
  std::string_view broker_name() const noexcept override { return "b"; }
  std::int64_t broker_id() const noexcept override { return 0; }
  HostAddress advertised_address() const override { return HostAddress::v4({127, 0, 0, 1}, 10'911); }
  std::int64_t boot_timestamp_ms() const noexcept override { return 0; }
};

class SilentHost final : public Host {
 public:
  std::string_view instance_name() const override { return "t"; }
  const Logger& log() const override { return log_; }
  const std::filesystem::path& data_dir() const override { return path_; }
  boost::asio::any_io_executor executor(ExecutorRole) override { return {}; }
  const std::vector<boost::asio::any_io_executor>& net_executors() override { return executors_; }
  std::int64_t now_ms() const override { return 1'795'000'000'000; }
  void report_fault(std::string_view, bool) override {}
  void report_progress(std::string_view) override {}

 private:
  const Logger log_{"t"};
  const std::filesystem::path path_;
  std::vector<boost::asio::any_io_executor> executors_;
};

class OpLogWriteTest : public ::testing::Test {
 protected:
  OpLogWriteTest() { ops.wire(stored, identity); }
  SilentHost host;
  Stored stored;
  Identity identity;
  OpLog ops{host, 16};
};

TEST_F(OpLogWriteTest, EndsThatComeWhileItWritesShareARecord) {
  int answered = 0;
  const auto count = [&answered](const Status& status) { answered += status ? 1 : 0; };
  stored.during = [&] {
    for (std::int64_t half = 10; half < 16; ++half) ops.add({half}, count);
    EXPECT_EQ(answered, 0);
  };
  ops.add({9}, count);
  EXPECT_THAT(stored.bodies, ElementsAre("9,", "10,11,12,13,14,", "15,")) << "16 bytes a record";
  EXPECT_EQ(answered, 7);
}

TEST_F(OpLogWriteTest, WhatCouldNotBeWrittenIsWrittenLater) {
  stored.refuse = true;
  Status answer;
  ops.add({3}, [&answer](const Status& status) { answer = status; });
  EXPECT_FALSE(answer);
  ops.add_later({4});
  stored.refuse = false;
  ops.flush();
  EXPECT_THAT(stored.bodies, ElementsAre("3,4,"));
}

TEST_F(OpLogWriteTest, AnExceptionIsARefusalAndTheNextEndIsWritten) {
  stored.throws = true;
  Status answer;
  ops.add({3}, [&answer](const Status& status) { answer = status; });
  EXPECT_FALSE(answer);
  stored.throws = false;
  ops.add({4}, [&answer](const Status& status) { answer = status; });
  EXPECT_TRUE(answer);
  EXPECT_THAT(stored.bodies, ElementsAre("3,4,"));
}

TEST_F(OpLogWriteTest, WhoAsksAfterAllLearnsWhetherAllIsWritten) {
  std::optional<bool> good;
  const auto note = [&good](const Status& status) { good = status.has_value(); };
  ops.after_all(note);
  EXPECT_EQ(good, true) << "there was nothing";
  stored.refuse = true;
  ops.add({3}, {});
  ops.after_all(note);
  EXPECT_EQ(good, false);
  stored.refuse = false;
  ops.after_all(note);
  EXPECT_EQ(good, true);
  EXPECT_THAT(stored.bodies, ElementsAre("3,"));
}

TEST_F(OpLogWriteTest, ProgressPassesRecordsWhoseHalvesAreAllOver) {
  for (std::int64_t op = 0; op < 200; ++op) ops.note({op}, {op});
  EXPECT_EQ(ops.progress({0}, {0}).value, 0);
  EXPECT_EQ(ops.progress({100}, {0}).value, 64);
  EXPECT_EQ(ops.progress({200}, {64}).value, 200);
}

}  // namespace
}  // namespace tenon::transaction
