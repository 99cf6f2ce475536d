// SPDX-License-Identifier: Apache-2.0
// A Java broker's store moves over: its broker.conf becomes a configuration, which serves the directory where it lies.
#include <gtest/gtest.h>

#include <fstream>

#include "broker_process.hpp"
#include "command_run.hpp"
#include "fastjson/reader.hpp"
#include "golden/golden_directory.hpp"
#include "logstore/testing/temporary_directory.hpp"
#include "message_requests.hpp"
#include "text_file.hpp"

namespace tenon::e2e {
namespace {

using fastjson::Value;
using protocol_native::RawClient;

class Move : public ::testing::TestWithParam<const char*> {
 protected:
  void SetUp() override {
    TENON_NEED_GOLDEN();
    const std::string archive = (golden::directory() / "store" / GetParam()).string();
    const std::string unpack = "tar --zstd -xf '" + archive + ".tar.zst' -C '" + directory_.path().string() + "'";
    ASSERT_EQ(std::system(unpack.c_str()), 0);
    expected_ = fastjson::parse(text_of_file(archive + ".expected.json")).value();
    conf_ = text_of_file(archive + ".conf");
  }

  /// The configuration that the command makes of `conf` with the store's place.
  std::string moved(const std::string& conf) {
    const auto file = directory_.path() / "broker.conf";
    std::ofstream(file) << conf << "\nlistenPort=10999\nstorePathRootDir=" << root()
                        << "\nstorePathCommitLog=" << root() << "/commitlog\nfancyKey=1\n";
    const CommandRun run = run_tenon({"config", "from-rocketmq", file.string()});
    EXPECT_EQ(run.code, 0) << run.errors;
    EXPECT_NE(run.errors.find("no counterpart: fancyKey = 1"), std::string::npos) << run.errors;
    return run.output;
  }
  std::string root() const { return (directory_.path() / "store").string(); }

  void expect_served(const std::string& config) {
    BrokerProcess broker({.config = config, .settings = {"plugins.native.listen=127.0.0.1:0"}});
    RawClient client(broker.address());
    for (const Value& queue : expected_.find("queues")->elements()) {
      const std::string topic = queue.text_or("topic", "");
      const auto& wanted = queue.find("messages")->elements();
      if (wanted.empty()) continue;
      const auto served =
          all_messages(client, topic, std::to_string(queue.i32_or("queueId", -1)), queue.i64_or("min", 0));
      ASSERT_EQ(served.size(), wanted.size()) << topic << "/" << queue.i32_or("queueId", -1);
      for (std::size_t index = 0; index < served.size(); ++index) {
        EXPECT_EQ(served[index].queue_offset, wanted[index].i64_or("queueOffset", -1));
        EXPECT_EQ(static_cast<std::int64_t>(served[index].body.size()), wanted[index].i64_or("bodyLength", -1));
      }
    }
    EXPECT_EQ(broker.end(SIGTERM), 0);
  }

  logstore::testing::TemporaryDirectory directory_;
  Value expected_;
  std::string conf_;
};

TEST_P(Move, TheConfigurationServesTheStoreWhereItLies) { expect_served(moved(conf_)); }

TEST_P(Move, SizesThatTheJavaBrokerWasToldOtherwiseAreTakenFromTheFiles) {
  std::string without_sizes;
  std::istringstream lines(conf_);
  for (std::string line; std::getline(lines, line);) {
    if (!line.starts_with("map") && !line.starts_with("maxHash") && !line.starts_with("maxIndex"))
      without_sizes += line + "\n";
  }
  expect_served(moved(without_sizes));
}

TEST_P(Move, TheStoreIsWholeBeforeAndAfter) {
  EXPECT_EQ(run_tenon({"store", "verify", root()}).code, 0);
  expect_served(moved(conf_));
  const CommandRun after = run_tenon({"store", "verify", root()});
  EXPECT_EQ(after.code, 0) << after.output;
  EXPECT_NE(after.output.find("closed cleanly; 0 damages, 0 notes"), std::string::npos) << after.output;
}

INSTANTIATE_TEST_SUITE_P(Java, Move,
                         ::testing::Values("clean-4.9.7", "clean-5.4.0", "retry-5.4.0", "lmq-5.4.0", "cqext-5.4.0"),
                         [](const auto& one) {
                           std::string name = one.param;
                           for (char& c : name) c = c == '-' || c == '.' ? '_' : c;
                           return name;
                         });

}  // namespace
}  // namespace tenon::e2e
