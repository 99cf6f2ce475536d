// SPDX-License-Identifier: Apache-2.0
#include "ha/replica_server.hpp"

#include <gtest/gtest.h>
#include <poll.h>

#include <boost/asio/read.hpp>
#include <boost/asio/write.hpp>
#include <thread>

#include "ha/testing/side.hpp"
#include "replication/classic_frames.hpp"
#include "replication/testing/memory_log.hpp"

namespace tenon::ha {
namespace {

using boost::asio::ip::tcp;
using testing::eventually;

/// A log to which something happens just when somebody asks how long it is.
class WatchedLog final : public LogTap {
 public:
  replication::testing::MemoryLog log;
  mutable std::function<void()> when_asked;  ///< Once.

  PhysicalOffset log_max() const override {
    if (const auto now = std::exchange(when_asked, nullptr)) now();
    return log.log_max();
  }
  PhysicalOffset log_min() const override { return log.log_min(); }
  std::int64_t log_file_size() const override { return log.log_file_size(); }
  PhysicalOffset log_received() const override { return log.log_received(); }
  Result<LogStretch> read_log(PhysicalOffset from, std::int64_t bytes_max, ReadForm form) const override {
    return log.read_log(from, bytes_max, form);
  }
  void watch(LogWatcher* watcher) override { log.watch(watcher); }
  Status append_log(PhysicalOffset at, std::span<const std::byte> bytes) override { return log.append_log(at, bytes); }
  Result<std::string> truncate_log(PhysicalOffset end) override { return log.truncate_log(end); }
  PhysicalOffset confirm_offset() const override { return log.confirm_offset(); }
  void set_confirm_offset(PhysicalOffset offset) override { log.set_confirm_offset(offset); }
};

/// Without the engine there are no ticks, which would send late what was forgotten.
class ReplicaServerTest : public ::testing::Test {
 protected:
  void SetUp() override {
    log_.log.append('a');
    ha_.run([this] {
      server_.open({});
      server_.start();
    });
    slave_.connect({boost::asio::ip::address_v4::loopback(), server_.address().port()});
    report(log_.log.log_max());
    ASSERT_TRUE(eventually([this] { return in_sync() == 2; }));
  }
  void TearDown() override {
    ha_.run([this] { server_.stop(); });
    ha_.run([] {});  // what that posted
    ha_.stop();
  }
  void report(PhysicalOffset end) { report(slave_, end); }
  static void report(tcp::socket& slave, PhysicalOffset end) {
    const auto bytes = replication::encode_report(end);
    boost::asio::write(slave, boost::asio::buffer(bytes));
  }
  std::int32_t in_sync() {
    std::int32_t count = 0;
    ha_.run([&] { count = server_.in_sync().count; });
    return count;
  }
  void append_elsewhere() {
    std::thread([this] {
      log_.log.append('b');
      server_.log_grew();
    }).join();
  }
  bool a_record_comes() {
    pollfd readable{slave_.native_handle(), POLLIN, 0};
    if (::poll(&readable, 1, 30'000) != 1) return false;
    std::array<std::byte, replication::kClassicHeaderBytes + replication::testing::MemoryLog::kRecord> chunk;
    return boost::asio::read(slave_, boost::asio::buffer(chunk)) == chunk.size();
  }

  static ReplicaServerSettings settings() {
    ReplicaServerSettings settings;
    settings.gap_not_in_sync = 4 * replication::testing::MemoryLog::kRecord;
    return settings;
  }

  WatchedLog log_;
  const Logger logger_{"ha-test"};
  HaThread ha_{[](std::string_view reason) { ADD_FAILURE() << reason; }};
  ReplicaServer server_{ha_.context(), ha_.context().get_executor(), "127.0.0.1:0", log_, settings(),
                        logger_,       [](PhysicalOffset, bool) {}};
  boost::asio::io_context context_;
  tcp::socket slave_{context_};
};

TEST_F(ReplicaServerTest, WhatIsAppendedIsSentByWhoeverHasAppendedIt) {
  append_elsewhere();
  EXPECT_TRUE(a_record_comes());
}

TEST_F(ReplicaServerTest, WhatIsAppendedWhileSomebodyLooksAtItsStateIsSentThen) {
  log_.when_asked = [this] { append_elsewhere(); };
  EXPECT_EQ(in_sync(), 2);
  EXPECT_TRUE(a_record_comes());
}

/// The connection before is half open still, as after a power failure that took the slave's tail.
TEST_F(ReplicaServerTest, ASlaveThatIsTooFarBehindIsNotInSyncByItsOldConnection) {
  const PhysicalOffset kept = log_.log.log_max();
  for (int record = 0; record < 4; ++record) {
    append_elsewhere();
    ASSERT_TRUE(a_record_comes());
  }
  report(log_.log.log_max());
  ASSERT_TRUE(eventually([this] { return in_sync() == 2; }));
  tcp::socket again(context_);
  again.connect(slave_.remote_endpoint());
  report(again, kept);
  EXPECT_TRUE(eventually([this] { return in_sync() == 1; }));
  report(again, log_.log.log_max());
  EXPECT_TRUE(eventually([this] { return in_sync() == 2; }));
}

}  // namespace
}  // namespace tenon::ha
