// SPDX-License-Identifier: Apache-2.0
#include "namesrv/route_table_engine.hpp"

#include <gtest/gtest.h>

#include "namesrv/key_value_store.hpp"
#include "namesrv/registration_samples.hpp"
#include "tenon/testing/route_table_contract.hpp"

namespace tenon::namesrv {
namespace {

using testing::ProbeChannel;

class KeyValuesInMemory final : public KeyValueConfig {
 public:
  Status put(std::string_view name_space, std::string_view key, std::string_view value) override {
    tables[std::string(name_space)][std::string(key)] = value;
    return {};
  }
  Status remove(std::string_view, std::string_view) override { return {}; }
  std::optional<std::string> find(std::string_view name_space, std::string_view key) const override {
    const auto found = table(name_space);
    if (!found || !found->contains(std::string(key))) return std::nullopt;
    return found->at(std::string(key));
  }
  std::optional<Table> table(std::string_view name_space) const override {
    const auto found = tables.find(name_space);
    return found == tables.end() ? std::nullopt : std::optional(found->second);
  }

  std::map<std::string, Table, std::less<>> tables;
};

class RouteTableEngineTest : public ::testing::Test {
 protected:
  void enter(const char* broker, std::int64_t id, const char* address, std::initializer_list<const char*> topics,
             std::shared_ptr<ClientChannel> channel = std::make_shared<ProbeChannel>()) {
    auto registration = sample_registration(broker, id, address, topics);
    registration.channel = std::move(channel);
    ASSERT_TRUE(table_.register_broker(registration));
  }

  std::int64_t now_ = 1'700'000'000'000;
  KeyValuesInMemory key_values_;
  RouteTableEngine table_{
      {.registration = {}, .order_message_enable = true, .return_order_topic_config_to_broker = true},
      key_values_,
      [this] { return now_; }};
};

TEST_F(RouteTableEngineTest, UnknownTopicSaysSoInRocketMqsWords) {
  const auto route = table_.route_of("nope");
  ASSERT_FALSE(route);
  EXPECT_TRUE(route.error().is(Errc::topic_not_exist));
  EXPECT_EQ(route.error().message(), "No topic route info in name server for the topic: nope");
}

TEST_F(RouteTableEngineTest, TwoMastersOfOneNameAreSaidOnceAMinute) {
  std::vector<std::string> said;
  table_.on_two_masters([&](std::string_view name, const std::string& former, const std::string& now) {
    said.push_back(text(name, ": ", former, ", ", now));
  });
  enter("a", 0, "127.0.0.1:10911", {"T"});
  enter("a", 0, "127.0.0.1:10911", {"T"});
  enter("a", 1, "127.0.0.1:10921", {"T"});
  EXPECT_TRUE(said.empty());
  enter("a", 0, "127.0.0.1:10921", {"T"});
  EXPECT_EQ(said, std::vector<std::string>{"a: 127.0.0.1:10911, 127.0.0.1:10921"});
  enter("a", 0, "127.0.0.1:10911", {"T"});
  EXPECT_EQ(said.size(), 1u) << "they take the place from each other";
  now_ += 60'000;
  enter("a", 0, "127.0.0.1:10921", {"T"});
  EXPECT_EQ(said.size(), 2u);
  now_ -= 3'600'000;
  enter("a", 0, "127.0.0.1:10911", {"T"});
  EXPECT_EQ(said.size(), 3u) << "the clock was set back";
  enter("a", 0, "127.0.0.1:10921", {"T"});
  EXPECT_EQ(said.size(), 3u);
  now_ += 60'000;
  table_.unregister_broker("c", "a", 0, "127.0.0.1:10921");
  enter("a", 0, "127.0.0.1:10911", {"T"});
  EXPECT_EQ(said.size(), 3u) << "the other one has left";
}

TEST_F(RouteTableEngineTest, BrokerExpiresAfterItsOwnTimeout) {
  enter("a", 0, "127.0.0.1:10911", {"T", "U"});
  now_ += 120'000;
  EXPECT_TRUE(table_.expire().empty());
  now_ += 1;
  EXPECT_EQ(table_.expire().size(), 1u);
  EXPECT_FALSE(table_.route_of("T"));
  EXPECT_TRUE(table_.cluster_info().clusters.empty());
}

TEST_F(RouteTableEngineTest, HeartbeatRefreshesAndTellsTheStoredVersion) {
  enter("a", 0, "127.0.0.1:10911", {"T", "U"});
  EXPECT_FALSE(table_.broker_heartbeat("C", "127.0.0.1:1"));
  now_ += 100'000;
  EXPECT_EQ(table_.broker_heartbeat("C", "127.0.0.1:10911")->counter, 1);
  now_ += 100'000;
  EXPECT_TRUE(table_.expire().empty());
}

TEST_F(RouteTableEngineTest, BrokerOfTheSameProcessNeverExpires) {
  enter("a", 0, "127.0.0.1:10911", {"T", "U"}, nullptr);
  now_ += 10'000'000;
  EXPECT_TRUE(table_.expire().empty());
  EXPECT_TRUE(table_.route_of("T"));
}

TEST_F(RouteTableEngineTest, OrderTopicsAreTold) {
  ASSERT_TRUE(key_values_.put(kOrderTopicNamespace, "T", "a:4"));
  auto registration = sample_registration("a", 0, "127.0.0.1:10911", {"T", "U"});
  EXPECT_EQ(table_.register_broker(registration).value().order_topic_config.at("T"), "a:4");
  EXPECT_EQ(table_.route_of("T").value().order_topic_conf, "a:4");
  EXPECT_EQ(table_.route_of("U").value().order_topic_conf, "");
}

testing::RouteTableCase engine_case() {
  return {"NameServer", [] {
            struct Whole {
              KeyValuesInMemory key_values;
              RouteTableEngine table{{}, key_values, [] { return std::int64_t{1'700'000'000'000}; }};
            };
            const auto whole = std::make_shared<Whole>();
            return std::shared_ptr<RouteTable>(whole, &whole->table);
          }};
}

}  // namespace
}  // namespace tenon::namesrv

namespace tenon::testing {
INSTANTIATE_TEST_SUITE_P(NameServer, RouteTableContract, ::testing::Values(namesrv::engine_case()));
}
