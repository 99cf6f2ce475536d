// SPDX-License-Identifier: Apache-2.0
// Consuming by SQL92 through the whole program, with the plug-in and without it.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <csignal>

#include "broker_process.hpp"
#include "command_run.hpp"
#include "message_requests.hpp"
#include "protocol-native/testing/sample_requests.hpp"
#include "remoting/request_code.hpp"
#include "text_file.hpp"

namespace tenon::e2e {
namespace {

using protocol_native::RawClient;
using protocol_native::ReceivedFrame;
using protocol_native::SamplePull;
using remoting::RequestCode;
using testing::AllOf;
using testing::HasSubstr;
using testing::StartsWith;

BrokerSetup with_sql() {
  BrokerSetup setup;
  setup.config = std::string(kStandalone) + "\n[plugins.filter-sql]\n";
  return setup;
}

CommandRun run(const BrokerProcess& broker, std::vector<std::string> words) {
  words.insert(words.end(), {"-n", broker.address().to_string()});
  return run_tenon(words);
}

/// Sends three messages; with prices 50, 150 and 250.
void send_samples(const BrokerProcess& broker, const std::string& topic) {
  ASSERT_EQ(run(broker, {"topic", "create", topic, "--queues", "1"}).code, 0);
  for (const char* price : {"50", "150", "250"}) {
    const CommandRun sent = run(broker, {"produce", "-t", topic, "-m", price, "-p", std::string("price=") + price});
    ASSERT_EQ(sent.code, 0) << sent.errors;
  }
}

ReceivedFrame pull_by_sql(RawClient& client, std::string_view topic, std::string_view expression) {
  const SamplePull pull{.topic = topic, .subscription = expression, .expression_type = "SQL92"};
  return client.call(RequestCode::pull_message, fields_of(pull));
}

TEST(SqlFilter, MessagesComeThatTheExpressionLetsThrough) {
  BrokerProcess broker(with_sql());
  send_samples(broker, "T-sql");
  const std::vector<std::string> consume{"consume", "-t", "T-sql", "--from-beginning", "--timeout", "20", "-o", "body"};
  auto by = [&](std::vector<std::string> more) {
    more.insert(more.begin(), consume.begin(), consume.end());
    return run(broker, more);
  };
  EXPECT_EQ(by({"--sql", "price > 100", "-c", "2"}).output, "150\n250\n");
  EXPECT_EQ(by({"--sql", "price BETWEEN 100 AND 200", "-c", "1", "--group", "g-sql"}).output, "150\n");
  EXPECT_EQ(by({"--expression-type", "SQL92", "--expression", "price < 100", "-c", "1"}).output, "50\n");
  EXPECT_EQ(broker.end(SIGTERM), 0);
  EXPECT_THAT(text_of_file(broker.directory() / "data/config/consumerFilter.json"),
              AllOf(HasSubstr("\"expression\":\"price BETWEEN 100 AND 200\""), HasSubstr("\"consumerGroup\":\"g-sql\""),
                    HasSubstr("\"bitNum\":112")));
  broker.start_again();
  EXPECT_EQ(by({"--sql", "price = 250", "-c", "1"}).output, "250\n");
}

/// Sizes of the units in the extension of queue 0: 20 bytes, and those of the bit map.
std::vector<int> unit_sizes(const BrokerProcess& broker, const std::string& topic) {
  const std::string bytes =
      text_of_file(broker.directory() / "data/consumequeue_ext" / topic / "0/00000000000000000000");
  std::vector<int> sizes;
  for (std::size_t at = 0; at + 2 <= bytes.size();) {
    sizes.push_back(static_cast<unsigned char>(bytes[at]) * 256 + static_cast<unsigned char>(bytes[at + 1]));
    if (sizes.back() == 0) break;
    at += static_cast<std::size_t>(sizes.back());
  }
  if (!sizes.empty()) sizes.pop_back();
  return sizes;
}

TEST(SqlFilter, BitMapsSayWhichMessagesPass) {
  BrokerSetup setup = with_sql();
  setup.settings = {"plugins.store.consume_queue_extension=true", "plugins.store.filter_bit_maps=true",
                    "plugins.store.consume_queue_extension_file_size=64KiB"};
  BrokerProcess broker(setup);
  const auto by = [&](const char* group, const char* count) {
    return run(broker, {"consume", "-t", "T-sql", "--from-beginning", "--timeout", "20", "-o", "body", "--group", group,
                        "--sql", "price > 100", "-c", count})
        .output;
  };
  send_samples(broker, "T-sql");
  EXPECT_EQ(by("g-sql", "2"), "150\n250\n");
  for (const char* price : {"50", "150", "250"})
    ASSERT_EQ(run(broker, {"produce", "-t", "T-sql", "-m", price, "-p", std::string("price=") + price}).code, 0);
  EXPECT_EQ(by("g-sql", "2"), "150\n250\n");
  EXPECT_EQ(by("h-sql", "4"), "150\n250\n150\n250\n") << "no map was made for it";
  EXPECT_EQ(broker.end(SIGTERM), 0);
  EXPECT_EQ(unit_sizes(broker, "T-sql"), (std::vector<int>{20, 20, 20, 34, 34, 34}))
      << "112 bits once there is a filter";
}

TEST(SqlFilter, AWrongExpressionIsRefusedWithItsPlace) {
  BrokerProcess broker(with_sql());
  send_samples(broker, "T-sql");
  const CommandRun here = run(broker, {"consume", "-t", "T-sql", "--sql", "price > "});
  EXPECT_EQ(here.code, 2);
  EXPECT_THAT(here.errors, HasSubstr("--sql: line 1, column 9: expected a property"));
  EXPECT_EQ(run(broker, {"consume", "-t", "T-sql", "--sql", ""}).code, 2);
  const CommandRun there =
      run(broker, {"consume", "-t", "T-sql", "--expression-type", "SQL92", "--expression", "price > 'x'"});
  EXPECT_EQ(there.code, 1) << "the broker is asked before anything is pulled";
  EXPECT_THAT(there.errors, HasSubstr("line 1, column 9: this cannot be compared"));
  RawClient client(broker.address());
  const ReceivedFrame refused = pull_by_sql(client, "T-sql", "price > 'x'");
  EXPECT_EQ(refused.code, 23);
  EXPECT_THAT(refused.remark.value_or(""), HasSubstr("line 1, column 9: "));
  EXPECT_EQ(pull_by_sql(client, "T-sql", "").code, 23);
  EXPECT_EQ(messages_of(pull_by_sql(client, "T-sql", "price > 100")).size(), 2u);
}

TEST(SqlFilter, WithoutThePluginItIsNotSupported) {
  BrokerProcess broker;
  send_samples(broker, "T-sql");
  constexpr const char* kRefusal = "The broker does not support consumer to filter message by SQL92";
  const CommandRun consumed = run(broker, {"consume", "-t", "T-sql", "--sql", "price > 100"});
  EXPECT_EQ(consumed.code, 1);
  EXPECT_THAT(consumed.errors, HasSubstr(kRefusal));
  RawClient client(broker.address());
  const ReceivedFrame refused = pull_by_sql(client, "T-sql", "price > 100");
  EXPECT_EQ(refused.code, 1);
  EXPECT_THAT(refused.remark.value_or(""), StartsWith(kRefusal));
}

TEST(FilterEval, JudgesOneExpressionOrManyLines) {
  const auto eval = [](std::vector<std::string> words, const std::string& input = {}) {
    words.insert(words.begin(), {"filter", "eval"});
    return run_tenon(words, {input, {}});
  };
  EXPECT_EQ(eval({"price > 100 AND region = 'east'", "--property", "price=250", "-p", "region=east"}).output, "true\n");
  EXPECT_EQ(eval({"price > 100"}).output, "null\n");
  const CommandRun wrong = eval({"price >"});
  EXPECT_EQ(wrong.code, 1);
  EXPECT_EQ(wrong.output, "parse-error\n");
  EXPECT_THAT(wrong.errors, HasSubstr("line 1, column 8: "));
  EXPECT_EQ(eval({"a = 1", "-p", "a"}).code, 2);
  const CommandRun lines =
      eval({}, "{\"expr\":\"a = 1\",\"props\":{\"a\":\"1\"}}\n{\"expr\":\"a = 1\",\"props\":{\"a\":\"x\"}}\n");
  EXPECT_EQ(lines.code, 0);
  EXPECT_EQ(lines.output, "{\"result\":\"true\"}\n{\"result\":\"eval-error\"}\n");
  EXPECT_EQ(eval({}, "no question\n").code, 1);
}

}  // namespace
}  // namespace tenon::e2e
