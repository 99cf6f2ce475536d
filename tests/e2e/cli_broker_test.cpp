// SPDX-License-Identifier: Apache-2.0
// The commands that talk to a broker, against one.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <csignal>
#include <memory>
#include <sstream>

#include "broker_process.hpp"
#include "command_run.hpp"
#include "fastjson/reader.hpp"

namespace tenon::e2e {
namespace {

using testing::AllOf;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;

class CommandsAgainstABroker : public testing::Test {
 protected:
  static std::string broker_address() { return broker_->address().to_string(); }
  static void SetUpTestSuite() { broker_ = std::make_unique<BrokerProcess>(); }
  static void TearDownTestSuite() {
    EXPECT_EQ(broker_->end(SIGTERM), 0);
    broker_.reset();
  }
  static CommandRun run(std::vector<std::string> words, const std::string& input = {}) {
    words.insert(words.end(), {"-n", broker_address()});
    return run_tenon(words, {input, {}});
  }
  static std::string done(std::vector<std::string> words, const std::string& input = {}) {
    const CommandRun ended = run(words, input);
    EXPECT_EQ(ended.code, 0) << testing::PrintToString(words) << ended.errors;
    return ended.output;
  }

 private:
  static std::unique_ptr<BrokerProcess> broker_;
};
std::unique_ptr<BrokerProcess> CommandsAgainstABroker::broker_;

std::vector<fastjson::Value> objects_of(const std::string& lines) {
  std::vector<fastjson::Value> objects;
  std::istringstream input(lines);
  for (std::string line; std::getline(input, line);) objects.push_back(fastjson::parse(std::string_view(line)).value());
  return objects;
}

std::vector<std::string> words_of(const std::string& text) {
  std::istringstream input(text);
  return {std::istream_iterator<std::string>(input), {}};
}

TEST_F(CommandsAgainstABroker, TopicsAreCreatedListedRoutedAndDeleted) {
  EXPECT_THAT(done({"topic", "create", "T-made", "--queues", "3"}), HasSubstr("T-made with 3 queues"));
  EXPECT_THAT(words_of(done({"topic", "list"})), testing::Contains("T-made"));
  EXPECT_THAT(words_of(done({"topic", "route", "T-made"})), testing::IsSupersetOf({"broker-a", "3", "RW"}));
  done({"topic", "create", "T-made", "--queues", "3", "--perm", "4"});
  EXPECT_THAT(done({"topic", "route", "T-made"}), HasSubstr("R-"));
  EXPECT_THAT(done({"topic", "delete", "T-made"}), HasSubstr("T-made deleted"));
  const CommandRun again = run({"topic", "delete", "T-made"});
  EXPECT_EQ(again.code, 1);
  EXPECT_THAT(again.errors, HasSubstr("No topic route info in name server for the topic: T-made"));
  EXPECT_THAT(words_of(done({"topic", "list"})), Not(testing::Contains("T-made")));
  const CommandRun gone = run({"topic", "route", "T-made"});
  EXPECT_EQ(gone.code, 1);
  EXPECT_THAT(gone.errors, AllOf(HasSubstr("T-made"), HasSubstr("TOPIC_NOT_EXIST")));
}

TEST_F(CommandsAgainstABroker, TheEnvironmentMayNameTheNameServers) {
  done({"topic", "create", "T-environment"});
  const std::string address = broker_address();
  const CommandRun named = run_tenon({"topic", "list"}, {{}, {{"NAMESRV_ADDR", address}}});
  EXPECT_EQ(named.code, 0) << named.errors;
  EXPECT_THAT(words_of(named.output), testing::Contains("T-environment"));
  const CommandRun said = run_tenon({"topic", "list", "-n", address}, {{}, {{"NAMESRV_ADDR", "127.0.0.1:1"}}});
  EXPECT_EQ(said.code, 0) << "what the command line says wins; " << said.errors;
}

TEST_F(CommandsAgainstABroker, MessagesGoInByOptionAndByLineAndComeOutInEachForm) {
  done({"topic", "create", "T-forms", "--queues", "1"});
  const std::string sent =
      done({"produce", "-t", "T-forms", "-m", "first", "--tags", "TagA", "--keys", "k1 k2", "-p", "colour=blue"});
  EXPECT_THAT(sent, AllOf(HasSubstr("SEND_OK"), HasSubstr("broker-a/0 offset 0")));
  done({"produce", "-t", "T-forms"}, "second\n\nthird\n");
  EXPECT_THAT(done({"produce", "-t", "T-forms", "-m", "fourth", "-q"}), IsEmpty());
  const std::vector<std::string> all{"consume",   "-t", "T-forms", "--from-beginning", "-c", "4",
                                     "--timeout", "20", "-o"};
  auto as = [&](const char* form) {
    auto words = all;
    words.emplace_back(form);
    return done(words);
  };
  EXPECT_EQ(as("body"), "first\nsecond\nthird\nfourth\n");
  EXPECT_THAT(as("text"), HasSubstr("tags TagA keys k1 k2: first\n"));
  const auto objects = objects_of(as("json"));
  ASSERT_EQ(objects.size(), 4u);
  EXPECT_EQ(objects[0].text_or("topic", ""), "T-forms");
  EXPECT_EQ(objects[0].text_or("body", ""), "first");
  EXPECT_EQ(objects[3].i32_or("queueOffset", -1), 3);
  const auto* properties = objects[0].find("properties");
  ASSERT_NE(properties, nullptr);
  EXPECT_EQ(properties->text_or("TAGS", ""), "TagA");
  EXPECT_EQ(properties->text_or("KEYS", ""), "k1 k2");
  EXPECT_EQ(properties->text_or("colour", ""), "blue");
}

TEST_F(CommandsAgainstABroker, AGroupGoesOnWhereItStopped) {
  done({"topic", "create", "T-group", "--queues", "1"});
  done({"produce", "-t", "T-group"}, "a\nb\nc\n");
  const auto next = [](const char* count) {
    return done({"consume", "-t", "T-group", "--group", "readers", "--from-beginning", "-c", count, "--timeout", "20",
                 "-o", "body"});
  };
  EXPECT_EQ(next("1"), "a\n");
  EXPECT_EQ(next("2"), "b\nc\n");
}

TEST_F(CommandsAgainstABroker, TagsChooseMessages) {
  done({"topic", "create", "T-tags", "--queues", "1"});
  for (const char* tag : {"red", "green", "blue"}) done({"produce", "-t", "T-tags", "-m", tag, "--tags", tag});
  EXPECT_EQ(done({"consume", "-t", "T-tags", "--from-beginning", "--tags", "red || blue", "-c", "2", "--timeout", "20",
                  "-o", "body"}),
            "red\nblue\n");
}

TEST_F(CommandsAgainstABroker, AnEndBeforeTheCountSaysHowFarItCame) {
  done({"topic", "create", "T-few", "--queues", "1"});
  done({"produce", "-t", "T-few", "-m", "only"});
  const CommandRun few =
      run({"consume", "-t", "T-few", "--from-beginning", "-c", "5", "--timeout", "0.5", "-o", "body"});
  EXPECT_EQ(few.code, 1);
  EXPECT_EQ(few.output, "only\n");
  EXPECT_THAT(few.errors, HasSubstr("1 of 5 messages came within 0.5 s"));
  const CommandRun unknown = run({"consume", "-t", "T-unknown", "-c", "1", "--timeout", "0.1"});
  EXPECT_EQ(unknown.code, 1);
  EXPECT_THAT(unknown.errors, HasSubstr("there is no topic 'T-unknown' yet"));
  EXPECT_EQ(run({"consume", "-t", "T-few", "--timeout", "0.1"}).code, 0) << "no count, so the time is no failure";
}

TEST_F(CommandsAgainstABroker, WhatThisBrokerLacksIsNamedWithWhatToDo) {
  for (const CommandRun& status : {run({"ha", "status"}), run({"ha", "status", "-o", "json"})}) {
    EXPECT_EQ(status.code, 1);
    EXPECT_THAT(status.output, IsEmpty()) << "no head of a table without a table";
    EXPECT_THAT(status.errors,
                AllOf(HasSubstr("broker-a: "), HasSubstr("does not replicate"), HasSubstr("[plugins.ha]")));
  }
  const CommandRun transactions = run({"tx", "list", "-b", "127.0.0.1:1"});
  EXPECT_EQ(transactions.code, 1);
  EXPECT_THAT(transactions.output, IsEmpty());
}

TEST_F(CommandsAgainstABroker, EmptyListsAreSaidSo) {
  EXPECT_EQ(done({"tx", "list"}), "no transactions wait\n");
  EXPECT_EQ(done({"tx", "list", "-o", "json"}), "[]\n");
}

TEST_F(CommandsAgainstABroker, RefusedSendsFailWithTheReason) {
  const CommandRun refused = run({"produce", "-t", "not a topic", "-m", "x"});
  EXPECT_EQ(refused.code, 1);
  EXPECT_FALSE(refused.errors.empty());
}

}  // namespace
}  // namespace tenon::e2e
