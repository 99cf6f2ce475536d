// SPDX-License-Identifier: Apache-2.0
// tenon store verify, dump, repair over what a broker left: outputs and exit codes.
#include <gtest/gtest.h>
#include <unistd.h>

#include <csignal>
#include <fstream>

#include "broker_process.hpp"
#include "command_run.hpp"
#include "fastjson/reader.hpp"
#include "message_requests.hpp"

namespace tenon::e2e {
namespace {

using protocol_native::RawClient;

class StoreCommands : public ::testing::Test {
 protected:
  StoreCommands()
      : broker_({.settings = {"plugins.store.commit_log_file_size=64KiB", "plugins.store.index_slots=100",
                              "plugins.store.index_entries=1000"}}) {
    RawClient client(broker_.address());
    for (int count = 0; count < 120; ++count)
      EXPECT_EQ(
          send_message(client, "T-store", "body " + std::to_string(count) + std::string(900, 'x'), "0", "KEYS\1k\2")
              .code,
          0);
  }

  std::string root() const { return (broker_.directory() / "data").string(); }
  /// Alters a byte of the body of a record in the middle of the second file.
  void damage_a_record() {
    const CommandRun dump = run_tenon({"store", "dump", root(), "--json"});
    std::int64_t offset = -1;
    std::istringstream lines(dump.output);
    for (std::string line; std::getline(lines, line) && offset < 70'000;)
      offset = fastjson::parse(line).value().i64_or("phyOffset", -1);
    std::fstream file(root() + "/commitlog/00000000000000065536", std::ios::in | std::ios::out | std::ios::binary);
    file.seekp(offset - 65'536 + 200);
    file.put('?');
  }

  static fastjson::Value json_of(const std::string& line) {
    auto parsed = fastjson::parse(line);
    EXPECT_TRUE(parsed.has_value()) << line;
    return parsed ? *parsed : fastjson::Value();
  }
  static std::vector<fastjson::Value> json_lines(const std::string& output) {
    std::vector<fastjson::Value> parsed;
    std::istringstream lines(output);
    for (std::string line; std::getline(lines, line);) parsed.push_back(json_of(line));
    return parsed;
  }

  BrokerProcess broker_;
};

TEST_F(StoreCommands, AStoreInUseIsNotTouched) {
  const CommandRun run = run_tenon({"store", "verify", root()});
  EXPECT_EQ(run.code, 1);
  EXPECT_NE(run.errors.find("a broker uses this store"), std::string::npos) << run.errors;
  EXPECT_EQ(run_tenon({"store", "repair", root()}).code, 1);
}

TEST_F(StoreCommands, ACleanStopLeavesAWholeStore) {
  EXPECT_EQ(broker_.end(SIGTERM), 0);
  const CommandRun run = run_tenon({"store", "verify", root()});
  EXPECT_EQ(run.code, 0) << run.output;
  EXPECT_NE(run.output.find("120 records in"), std::string::npos) << run.output;
  const CommandRun again = run_tenon({"store", "repair", root()});
  EXPECT_EQ(again.code, 0);
  EXPECT_NE(again.output.find("nothing to repair"), std::string::npos) << again.output;
}

TEST_F(StoreCommands, AKillLeavesNotesAndNoDamage) {
  broker_.end(SIGKILL);
  const CommandRun run = run_tenon({"store", "verify", root(), "--json"});
  EXPECT_EQ(run.code, 0) << run.output;
  std::istringstream lines(run.output);
  std::string line, last;
  while (std::getline(lines, line)) {
    ASSERT_TRUE(fastjson::parse(line).has_value()) << line;
    last = line;
  }
  EXPECT_EQ(fastjson::parse(last)->i64_or("records", -1), 120);
  EXPECT_EQ(fastjson::parse(last)->i64_or("damages", -1), 0);
}

TEST_F(StoreCommands, DamageIsNamedAndRepairedAndTheBrokerServesTheRest) {
  EXPECT_EQ(broker_.end(SIGTERM), 0);
  damage_a_record();
  const CommandRun found = run_tenon({"store", "verify", root()});
  EXPECT_EQ(found.code, 4);
  EXPECT_NE(found.output.find("/commitlog/00000000000000065536:"), std::string::npos) << found.output;
  EXPECT_EQ(run_tenon({"store", "repair", root(), "--dry-run"}).code, 4);
  const CommandRun refused = run_tenon({"store", "repair", root()});
  EXPECT_EQ(refused.code, 1);
  EXPECT_NE(refused.errors.find("--cut-records"), std::string::npos) << refused.errors;
  if (geteuid() == 0) {
    for (const std::string& foreign : {root(), root() + "/commitlog"}) {
      ASSERT_EQ(::chown(foreign.c_str(), 12'345, 12'345), 0);
      for (const char* how : {"--cut-records", "--dry-run"}) {
        const CommandRun by_root = run_tenon({"store", "repair", root(), how});
        EXPECT_EQ(by_root.code, 1);
        EXPECT_NE(by_root.errors.find(foreign + " belongs to '#12345'"), std::string::npos) << by_root.errors;
        EXPECT_NE(by_root.errors.find("the same command as that user (sudo -u '#12345' "), std::string::npos);
      }
      ASSERT_EQ(::chown(foreign.c_str(), 0, 0), 0);
    }
  }
  const CommandRun repaired = run_tenon({"store", "repair", root(), "--cut-records"});
  EXPECT_EQ(repaired.code, 0) << repaired.output << repaired.errors;
  EXPECT_EQ(run_tenon({"store", "verify", root()}).code, 0);

  broker_.start_again();
  RawClient client(broker_.address());
  const auto rest = all_messages(client, "T-store");
  EXPECT_GT(rest.size(), 50U);
  EXPECT_LT(rest.size(), 120U);
  EXPECT_EQ(send_message(client, "T-store", "after").field("queueOffset"), std::to_string(rest.size()));
}

TEST_F(StoreCommands, ARepairIsToldAsJsonToo) {
  EXPECT_EQ(broker_.end(SIGTERM), 0);
  const auto whole = json_lines(run_tenon({"store", "repair", root(), "--json"}).output);
  ASSERT_EQ(whole.size(), 1U);
  EXPECT_EQ(whole[0].i64_or("damages", -1), 0);

  damage_a_record();
  const CommandRun dry = run_tenon({"store", "repair", root(), "--dry-run", "--json"});
  EXPECT_EQ(dry.code, 4) << dry.errors;
  const auto planned = json_lines(dry.output);
  ASSERT_GE(planned.size(), 2U) << dry.output;
  EXPECT_EQ(planned[0].text_or("severity", ""), "damage");
  const fastjson::Value& plan = planned.back();
  EXPECT_GE(plan.i64_or("cutAt", -1), 70'000);
  EXPECT_EQ(plan.i64_or("recordsKept", -1) + plan.i64_or("recordsCut", -1), 119);
  EXPECT_EQ(plan.i64_or("queuesMade", -1), 1);
  EXPECT_EQ(plan.text_or("saved", "").find(root() + "/repair-"), 0U) << dry.output;
  EXPECT_EQ(run_tenon({"store", "repair", root(), "--json"}).code, 1);

  const CommandRun repaired = run_tenon({"store", "repair", root(), "--cut-records", "--json"});
  EXPECT_EQ(repaired.code, 0) << repaired.errors;
  const auto told = json_lines(repaired.output);
  EXPECT_EQ(told.back().i64_or("records", -1), plan.i64_or("recordsKept", -2)) << repaired.output;
  EXPECT_EQ(told.back().i64_or("damages", -1), 0);
  EXPECT_TRUE(told.back().bool_or("cleanStop", false));
}

TEST(StoreCommandLine, HelpShowsExamplesAndMistakesAreUsage) {
  for (const char* command : {"verify", "dump", "repair"}) {
    const CommandRun help = run_tenon({"store", command, "--help"});
    EXPECT_EQ(help.code, 0);
    EXPECT_NE(help.output.find("Example:"), std::string::npos);
    EXPECT_EQ(run_tenon({"store", command}).code, 2);
    EXPECT_EQ(run_tenon({"store", command, "no-such-directory"}).code, 2);
  }
  EXPECT_EQ(run_tenon({"config", "from-rocketmq", "no-such-file"}).code, 2);
  const CommandRun directory = run_tenon({"config", "from-rocketmq", "/"});
  EXPECT_EQ(directory.code, 2);
  EXPECT_NE(directory.errors.find("is a directory"), std::string::npos) << directory.errors;
}

}  // namespace
}  // namespace tenon::e2e
