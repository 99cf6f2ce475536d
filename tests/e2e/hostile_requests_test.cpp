// SPDX-License-Identifier: Apache-2.0
// Requests that no client of RocketMQ sends, to a whole process with everything loaded that answers requests.
#include <gtest/gtest.h>

#include <array>
#include <csignal>
#include <cstdlib>
#include <deque>
#include <random>

#include "broker_process.hpp"
#include "message_requests.hpp"
#include "remoting/request_code.hpp"
#include "tenon/text.hpp"

namespace tenon::e2e {
namespace {

using protocol_native::RawClient;
using remoting::RequestCode;

constexpr std::size_t kMebibyte = 1024 * 1024;

#define TENON_NUMBER(number, enumerator, name) number,
constexpr std::array<std::int32_t, 5> kNoCodes{-1, 0, 5, 999'999, 2'147'483'647};
constexpr std::int32_t kCodes[]{TENON_REQUEST_CODES(TENON_NUMBER)};
#undef TENON_NUMBER

/// Names that handlers ask for, one request uses most of them.
constexpr std::array<std::string_view, 62> kNames{"topic",
                                                  "producerGroup",
                                                  "consumerGroup",
                                                  "group",
                                                  "queueId",
                                                  "queueOffset",
                                                  "offset",
                                                  "commitOffset",
                                                  "sysFlag",
                                                  "subscription",
                                                  "subVersion",
                                                  "expressionType",
                                                  "maxMsgNums",
                                                  "suspendTimeoutMillis",
                                                  "commitLogOffset",
                                                  "tranStateTableOffset",
                                                  "commitOrRollback",
                                                  "msgId",
                                                  "transactionId",
                                                  "timestamp",
                                                  "isForce",
                                                  "key",
                                                  "maxNum",
                                                  "beginTimestamp",
                                                  "endTimestamp",
                                                  "defaultTopic",
                                                  "defaultTopicQueueNums",
                                                  "bornTimestamp",
                                                  "flag",
                                                  "properties",
                                                  "reconsumeTimes",
                                                  "unitMode",
                                                  "maxReconsumeTimes",
                                                  "batch",
                                                  "readQueueNums",
                                                  "writeQueueNums",
                                                  "perm",
                                                  "topicFilterType",
                                                  "topicSysFlag",
                                                  "order",
                                                  "attributes",
                                                  "clientID",
                                                  "clientId",
                                                  "groupName",
                                                  "clusterName",
                                                  "brokerName",
                                                  "brokerAddr",
                                                  "brokerId",
                                                  "haServerAddr",
                                                  "namespace",
                                                  "value",
                                                  "statsName",
                                                  "statsKey",
                                                  "srcGroup",
                                                  "destGroup",
                                                  "index",
                                                  "count",
                                                  "delayLevel",
                                                  "originTopic",
                                                  "recallHandle",
                                                  "command",
                                                  "jstackEnable"};
constexpr std::array<std::string_view, 13> kShortNames{"a", "b", "c", "d", "e", "f", "g", "h", "i", "j", "k", "l", "m"};

class Monkey {
 public:
  explicit Monkey(unsigned seed) : random_(seed) {}

  std::string request(std::int32_t code, std::int32_t opaque) {
    RawClient::FieldList fields;
    values_.clear();
    const bool short_names = one_of(3) == 0;
    for (const std::string_view name : kNames) {
      if (one_of(5) != 0) add(fields, name);
    }
    for (std::size_t i = 0; short_names && i < kShortNames.size(); ++i) add(fields, kShortNames[i]);
    if (one_of(20) == 0) fields.clear();
    const auto type = one_of(4) == 0 ? remoting::HeaderType::binary : remoting::HeaderType::json;
    return RawClient::frame(static_cast<RequestCode>(code), opaque, fields, body(), 0, type);
  }

  std::string noise(std::size_t size) {
    std::string bytes(size, '\0');
    for (char& byte : bytes) byte = static_cast<char>(random_());
    return bytes;
  }
  unsigned one_of(unsigned count) { return static_cast<unsigned>(random_() % count); }

 private:
  void add(RawClient::FieldList& fields, std::string_view name) {
    fields.emplace_back(name, values_.emplace_back(value()));
  }

  std::string value() {
    static const std::array<std::string, 24> kValues{"",
                                                     "0",
                                                     "1",
                                                     "-1",
                                                     "4",
                                                     "2147483647",
                                                     "-2147483648",
                                                     "2147483648",
                                                     "9223372036854775807",
                                                     "-9223372036854775808",
                                                     "9223372036854775808",
                                                     "1e9",
                                                     "true",
                                                     "T-monkey",
                                                     "%RETRY%g",
                                                     "%DLQ%g",
                                                     "TBW102",
                                                     "../../etc/passwd",
                                                     "\x01\x02",
                                                     "\xff\xfe\x80",
                                                     "{",
                                                     "TagA || TagB",
                                                     "a = 1 AND (b",
                                                     "PROPS\x01"
                                                     "x\x02"
                                                     "DELAY\x01"
                                                     "99\x02"};
    const unsigned choice = one_of(26);
    if (choice == 24) return std::string(3000, 'n');
    if (choice == 25) return noise(one_of(40));
    return kValues[choice];
  }

  std::string body() {
    static const std::array<std::string, 12> kBodies{
        "",
        "{}",
        "[]",
        "null",
        "0",
        "{\"clientID\":\"c\",\"consumerDataSet\":[{}],\"producerDataSet\":[null]}",
        "{\"mqSet\":[{\"topic\":\"T-monkey\",\"queueId\":-1,\"brokerName\":\"\"}],\"clientId\":\"c\",\"consumerGroup\":"
        "\"g\"}",
        "{\"topicConfigSerializeWrapper\":{\"topicConfigTable\":{\"T\":{\"perm\":99}}}}",
        "{\"topicConfigList\":[{\"topicName\":\"\",\"readQueueNums\":-5}]}",
        "{\"groupName\":\"g\",\"retryMaxTimes\":-9}",
        "{\"action\":\"no\"}",
        "[{\"a\":"};
    const unsigned choice = one_of(15);
    if (choice == 12) return std::string(100'000, '[');
    if (choice == 13) return noise(one_of(2000));
    if (choice == 14) return std::string(50'000, '{') + "\"a\":1";
    return kBodies[choice];
  }

  std::mt19937 random_;
  std::deque<std::string> values_;  ///< What the fields of the request being made borrow.
};

BrokerSetup everything() {
  BrokerSetup setup;
  setup.config = std::string(kStandalone) + "\n[plugins.filter-sql]\n[plugins.delay]\n[plugins.transaction]\n";
  return setup;
}

void expect_healthy(BrokerProcess& broker, std::string_view topic) {
  ASSERT_FALSE(broker.has_ended());
  RawClient good(broker.address());
  ASSERT_EQ(send_message(good, topic, "still served").code, 0);
  const auto messages = all_messages(good, topic);
  ASSERT_FALSE(messages.empty());
  EXPECT_EQ(messages.back().body, "still served");
}

std::vector<std::int32_t> all_codes() {
  std::vector<std::int32_t> codes(std::begin(kCodes), std::end(kCodes));
  codes.insert(codes.end(), kNoCodes.begin(), kNoCodes.end());
  return codes;
}

unsigned chosen_seed() {
  const char* given = std::getenv("TENON_SEED");
  return given != nullptr ? static_cast<unsigned>(std::atoi(given)) : std::random_device{}();
}

/// Sends every code `rounds` times and waits for the answer to each but the pulls.
void answers_everything(BrokerProcess& broker, Monkey& monkey, int rounds) {
  auto client = std::make_unique<RawClient>(broker.address());
  std::int32_t opaque = 0;
  for (int round = 0; round < rounds; ++round) {
    for (const std::int32_t code : all_codes()) {
      client->send_bytes(monkey.request(code, ++opaque));
      if (code == 11 || code == 361) continue;  // a pull may be held
      // A wrong header ends the connection, as a frame that cannot be read does.
      if (!client->next_answer(opaque)) {
        ASSERT_TRUE(client->closed_by_server()) << "no answer to code " << code;
        client = std::make_unique<RawClient>(broker.address());
      }
      ASSERT_FALSE(broker.has_ended()) << "after code " << code;
    }
  }
}

TEST(HostileRequests, EveryCodeWithFieldsOfNonsenseIsAnswered) {
  const unsigned seed = chosen_seed();
  SCOPED_TRACE(text("TENON_SEED=", seed));
  Monkey monkey(seed);
  BrokerProcess broker(everything());
  const std::size_t before = broker.anonymous_memory();
  answers_everything(broker, monkey, 12);
  expect_healthy(broker, "T-well");
  EXPECT_LT(broker.anonymous_memory(), before + 256 * kMebibyte);
  EXPECT_EQ(broker.end(SIGTERM), 0);
}

TEST(HostileRequests, ANameServerAnswersEveryCodeToo) {
  const unsigned seed = chosen_seed();
  SCOPED_TRACE(text("TENON_SEED=", seed));
  Monkey monkey(seed);
  BrokerProcess name_server({.config = kNameServer});
  answers_everything(name_server, monkey, 6);
  EXPECT_EQ(RawClient(name_server.address()).call(RequestCode::get_broker_cluster_info, {}).code, 0);
  EXPECT_EQ(name_server.end(SIGTERM), 0);
}

TEST(HostileRequests, FramesOfNoiseAndImpossibleLengthsCostTheirConnectionOnly) {
  const unsigned seed = chosen_seed();
  SCOPED_TRACE(text("TENON_SEED=", seed));
  Monkey monkey(seed);
  BrokerProcess broker(everything());
  const std::size_t before = broker.anonymous_memory();
  std::deque<RawClient> half;
  for (int i = 0; i < 300; ++i) {
    RawClient& client = half.emplace_back(broker.address());
    std::string bytes = monkey.noise(1 + monkey.one_of(200));
    if (i % 3 == 0) bytes.insert(0, std::string("\x7f\xff\xff\xff", 4));  // 2 GiB are to come
    if (i % 3 == 1) bytes.insert(0, std::string("\x00\x10\x00\x00\x00\x00", 6));
    client.send_bytes(bytes);
  }
  expect_healthy(broker, "T-noise");
  half.clear();
  expect_healthy(broker, "T-noise");
  EXPECT_LT(broker.anonymous_memory(), before + 64 * kMebibyte);
  EXPECT_EQ(broker.end(SIGTERM), 0);
}

TEST(HostileRequests, OneOpaqueForManyRequestsIsAnsweredForEach) {
  BrokerProcess broker;
  RawClient client(broker.address());
  ASSERT_EQ(send_message(client, "T-opaque", "x").code, 0);
  std::string bytes;
  for (int i = 0; i < 200; ++i) bytes += RawClient::frame(RequestCode::get_broker_cluster_info, 7, {});
  client.send_bytes(bytes);
  for (int i = 0; i < 200; ++i) {
    const auto answer = client.next();
    ASSERT_TRUE(answer) << i;
    EXPECT_EQ(answer->opaque, 7);
    EXPECT_EQ(answer->code, 0);
  }
}

}  // namespace
}  // namespace tenon::e2e
