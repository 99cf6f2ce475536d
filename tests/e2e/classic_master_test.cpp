// SPDX-License-Identifier: Apache-2.0
// A slave of Tenon under a master of the Java kind, which lets a slave in whatever its log is. It comes back with
// another disk: what is here may be the only copy.
#include <gmock/gmock.h>

#include "command_run.hpp"
#include "fake_classic_master.hpp"
#include "message_requests.hpp"
#include "record/layout.hpp"
#include "replicated_brokers.hpp"
#include "tenon/text.hpp"
#include "text_file.hpp"

namespace tenon::e2e {
namespace {

using protocol_native::RawClient;
using ::testing::HasSubstr;

/// A commit log with so many messages, all records of the same size, and nothing behind them.
std::string log_with(const std::string& topic, int count) {
  BrokerProcess broker({.settings = {"plugins.store.commit_log_file_size=4MiB"}});
  {
    RawClient client(broker.address());
    for (int number = 100; number < 100 + count; ++number)
      EXPECT_EQ(send_message(client, topic, text(topic, number)).code, 0);
  }
  broker.end(SIGTERM);
  std::string log = text_of_file(broker.directory() / "data/commitlog/00000000000000000000");
  const auto size = record::load_big<std::int32_t>(reinterpret_cast<const std::byte*>(log.data()));
  log.resize(static_cast<std::size_t>(size) * static_cast<std::size_t>(count));
  EXPECT_EQ(record::load_big<std::int32_t>(reinterpret_cast<const std::byte*>(log.data()) + log.size() -
                                           static_cast<std::size_t>(size)),
            size)
      << "records of one size";
  return log;
}

class ClassicMasterTest : public ::testing::Test {
 protected:
  void SetUp() override {
    ASSERT_TRUE(becomes_true([&] { return has_everything(slave_.address()) && knows("old"); }));
  }

  std::size_t count_at_slave() {
    RawClient client(slave_.address());
    return all_messages(client, "old").size();
  }
  bool knows(std::string_view topic) {
    return text_of_file(slave_.directory() / "data/config/topics.json").find(text('"', topic, '"')) !=
           std::string::npos;
  }
  std::int64_t log_end() { return ha_status(slave_.address()).i64_or("logMax", -1); }
  bool names_the_other_log() { return says("its log is another one"); }
  bool says(std::string_view reason) {
    const auto status = ha_status(slave_.address());
    const fastjson::Value* const master = status.find("master");
    return master != nullptr && master->text_or("lastError", "").find(reason) != std::string::npos;
  }
  void expect_nothing_is_lost() {
    EXPECT_EQ(count_at_slave(), 20U);
    EXPECT_TRUE(knows("old"));
    EXPECT_FALSE(knows("new"));
    EXPECT_EQ(log_end(), static_cast<std::int64_t>(old_.size())) << "nothing of the other log was taken";
  }

  const std::string old_ = log_with("old", 20);
  BrokerProcess name_server_{{.config = kNameServer}};
  FakeClassicMaster master_{name_server_.address(), {old_, {"old"}}};
  BrokerProcess slave_{replicated_broker(name_server_.address(), 1)};
};

TEST_F(ClassicMasterTest, OneWithAnEmptyDiskTakesNothingFromItsSlave) {
  EXPECT_EQ(count_at_slave(), 20U);
  master_.come_back_with({});
  ASSERT_TRUE(becomes_true([&] { return names_the_other_log(); }));
  expect_nothing_is_lost();
  slave_.start_again();
  ASSERT_TRUE(becomes_true([&] { return names_the_other_log(); }));
  expect_nothing_is_lost();

  master_.come_back_with({old_, {"old", "more"}});  // it was given its disk back
  ASSERT_TRUE(becomes_true([&] { return has_everything(slave_.address()) && knows("more"); }));
  EXPECT_EQ(count_at_slave(), 20U);
}

// It has grown beyond the slave's log, where by chance a record begins: what it sends would go on well.
TEST_F(ClassicMasterTest, OneWithALongerLogOfItsOwnTakesNothingFromItsSlave) {
  const std::string other = log_with("new", 60);
  ASSERT_EQ(other.size(), 3 * old_.size());
  master_.come_back_with({other, {"new"}});
  ASSERT_TRUE(becomes_true([&] { return names_the_other_log(); }));
  expect_nothing_is_lost();
  slave_.start_again();  // it asks for the last record that is here then
  ASSERT_TRUE(becomes_true([&] { return names_the_other_log(); }));
  expect_nothing_is_lost();
}

TEST_F(ClassicMasterTest, NoNameServerNeedsToKnowOneThatTheConfigurationNames) {
  BrokerProcess alone(replicated_broker(name_server_.address(), 2));
  alone.set("broker.name_servers=");
  alone.set(text("plugins.ha.master=", master_.replication_address()));
  alone.start_again();
  EXPECT_TRUE(becomes_true([&] {
    return run_tenon({"ha", "status", "-b", alone.address().to_string()})
               .output.find("plugins.ha.master_broker does") != std::string::npos;
  }));
  slave_.end(SIGTERM);  // this master serves one slave at a time
  alone.set("plugins.ha.master_broker=" + master_.address());
  alone.start_again();
  EXPECT_TRUE(becomes_true([&] { return has_everything(alone.address()); }));
  RawClient client(alone.address());
  EXPECT_EQ(all_messages(client, "old").size(), 20U);
}

// A slave that gave up waiting took what was there, and after a restart asked for the last record of just that.
TEST_F(ClassicMasterTest, OfOneThatCannotBeAskedNothingIsTaken) {
  const std::string other = log_with("new", 60);
  master_.answer_nobody(true);
  master_.come_back_with({other, {"new"}});
  ASSERT_TRUE(becomes_true([&] { return says("said whether its log is the same"); }));
  expect_nothing_is_lost();
  slave_.start_again();
  ASSERT_TRUE(becomes_true([&] { return says("said whether its log is the same"); }));
  const auto status = [&] { return run_tenon({"ha", "status", "-b", slave_.address().to_string()}).output; };
  EXPECT_THAT(status(), HasSubstr("reachable from here"));
  EXPECT_TRUE(becomes_true([&] { return status().find("  waits for 127.0.0.1:") != std::string::npos; })) << status();
  master_.answer_nobody(false);
  ASSERT_TRUE(becomes_true([&] { return names_the_other_log(); }));
  expect_nothing_is_lost();
  master_.come_back_with({old_, {"old", "more"}});
  ASSERT_TRUE(becomes_true([&] { return has_everything(slave_.address()) && knows("more"); }));
  EXPECT_EQ(count_at_slave(), 20U);
}

}  // namespace
}  // namespace tenon::e2e
