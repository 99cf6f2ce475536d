// SPDX-License-Identifier: Apache-2.0
#include "routing/consumer_filters.hpp"

#include <gmock/gmock.h>

#include <fstream>
#include <sstream>

#include "routing/consumer_filters_json.hpp"
#include "routing/test_broker.hpp"

namespace tenon::kernel {
namespace {

using test::BrokerTest;

/// Expressions `name=value`.
class EqualCompiler final : public FilterCompiler {
 public:
  struct Filter final : CompiledFilter {
    std::string name, value;
    bool match_index(const IndexEntry&) const noexcept override { return true; }
    bool needs_properties() const noexcept override { return true; }
    bool match_properties(const PropertiesView& properties) const noexcept override {
      return properties.find(name) == std::string_view(value);
    }
  };
  Result<std::shared_ptr<const CompiledFilter>> compile(std::string_view expression) const override {
    const std::size_t split = expression.find('=');
    if (split == std::string_view::npos) return Error(Errc::subscription_parse_failed, "line 1, column 1: no '='");
    auto filter = std::make_shared<Filter>();
    filter->name = expression.substr(0, split);
    filter->value = expression.substr(split + 1);
    return std::shared_ptr<const CompiledFilter>(std::move(filter));
  }
};

class ConsumerFiltersTest : public BrokerTest {
 protected:
  void start() {
    services.provide<FilterCompiler>(compiler_, "EQUAL");
    open();
  }
  /// Ends the broker as a shutdown does, and starts the next one on the same directory.
  void restart() {
    end();
    start();
  }
  void restart_without_compiler() {
    end();
    open();
  }
  void end() {
    broker->stop();
    broker.reset();
    services.clear();
  }
  void subscribe(std::string expression, std::int64_t version, std::string type = "EQUAL") {
    Heartbeat heartbeat = heartbeat_of(channel_, "c1", "g", {"T"});
    Subscription& subscription = heartbeat.consumers[0].subscriptions[0];
    subscription.expression = std::move(expression);
    subscription.expression_type = std::move(type);
    subscription.version = version;
    ASSERT_TRUE(beat(heartbeat));
  }
  /// Pulls by the registered subscription: the offset of the first message, or the error.
  Result<std::int64_t> first_match(std::int64_t version = 0) {
    PullRequest request = pull_request("g", "T", 0);
    request.has_subscription = false;
    request.subscription_version = version;
    const Result<PullOutcome>& pulled = outcome(start_pull(request));
    if (!pulled) return pulled.error();
    if (pulled->status != PullStatus::found) return -1;
    return pulled->read.next_queue_offset.value - 1;
  }
  void leave() { of<ClientRegistry>().unregister({"c1", "", 0, channel_}, "", "g"); }
  std::string file() const {
    std::ifstream stream(directory.path() / "config" / "consumerFilter.json");
    std::ostringstream content;
    content << stream.rdbuf();
    return content.str();
  }

  EqualCompiler compiler_;
  std::shared_ptr<test::RecordingChannel> channel_ = channel();
};

// The steps that were recorded with running brokers: ../shared/golden/sql92/broker.jsonl, pull-registered.
TEST_F(ConsumerFiltersTest, HeartbeatsReplaceIgnoreAndRemoveAsRocketMqDoes) {
  start();
  ASSERT_TRUE(send("T",
                   "a\1"
                   "1\2"));
  EXPECT_TRUE(first_match().error().is(Errc::subscription_not_exist)) << "group not registered";
  subscribe("wrong", 1);
  const auto wrong = first_match(1);
  ASSERT_FALSE(wrong);
  EXPECT_TRUE(wrong.error().is(Errc::filter_data_not_exist));
  EXPECT_EQ(wrong.error().message(),
            "The broker's consumer filter data is not exist!Your expression may be wrong! line 1, column 1: no '='");
  subscribe("a=1", 2);
  EXPECT_EQ(first_match(2).value(), 0);
  subscribe("a=2", 1);
  EXPECT_EQ(first_match(2).value(), 0) << "an older expression is ignored";
  subscribe("a=2", 2);
  EXPECT_EQ(first_match(2).value(), 0) << "one of the same version too";
  EXPECT_TRUE(first_match(3).error().is(Errc::subscription_not_latest));
  subscribe("a=2", 3);
  EXPECT_EQ(first_match(3).value(), -1) << "a newer one replaces it";
  subscribe("wrong", 4);
  EXPECT_TRUE(first_match(4).error().is(Errc::filter_data_not_exist));
  subscribe("a=1", 5);
  EXPECT_EQ(first_match(5).value(), 0);
  subscribe("", 6);
  EXPECT_TRUE(first_match(6).error().is(Errc::filter_data_not_latest)) << "a newer empty one leaves the old as it was";
}

TEST_F(ConsumerFiltersTest, ATypeThatNobodyCompilesIsSaidSo) {
  start();
  ASSERT_TRUE(send("T"));
  subscribe("a = 1", 1, "SQL92");
  const auto refused = first_match(1);
  ASSERT_FALSE(refused);
  EXPECT_TRUE(refused.error().is(Errc::not_supported));
  EXPECT_THAT(refused.error().message(),
              ::testing::StartsWith("The broker does not support consumer to filter message by SQL92"));
}

TEST_F(ConsumerFiltersTest, TheFileIsRocketMqs) {
  start();
  host.clock_ms = 1'795'266'300'631;
  subscribe("a=1", 7);
  broker->stop();
  EXPECT_EQ(
      file(),
      "{\n\t\"filterDataByTopic\":{\n\t\t\"T\":{\n\t\t\t\"groupFilterData\":{\n\t\t\t\t\"g\":{\n"
      "\t\t\t\t\t\"bloomFilterData\":{\n\t\t\t\t\t\t\"bitNum\":112,\n\t\t\t\t\t\t\"bitPos\":[90,68,28]\n\t\t\t\t\t},\n"
      "\t\t\t\t\t\"bornTime\":1795266300631,\n\t\t\t\t\t\"clientVersion\":7,\n\t\t\t\t\t\"consumerGroup\":\"g\",\n"
      "\t\t\t\t\t\"dead\":false,\n\t\t\t\t\t\"deadTime\":0,\n\t\t\t\t\t\"expression\":\"a=1\",\n"
      "\t\t\t\t\t\"expressionType\":\"EQUAL\",\n\t\t\t\t\t\"topic\":\"T\"\n\t\t\t\t}\n\t\t\t},\n"
      "\t\t\t\"topic\":\"T\"\n\t\t}\n\t}\n}");
}

/// As a Java broker 5.4.0 wrote it: ../shared/golden/store, cqext-5.4.0.
constexpr std::string_view kOfJava = R"({
	"filterDataByTopic":{
		"Sql":{
			"groupFilterData":{
				"g-sql":{
					"bloomFilterData":{
						"bitNum":112,
						"bitPos":[96,91,86]
					},
					"bornTime":1795266300631,
					"clientVersion":1795266301344,
					"consumerGroup":"g-sql",
					"dead":true,
					"deadTime":1795266311405,
					"expression":"a > 5 AND color = 'red'",
					"expressionType":"SQL92",
					"topic":"Sql"
				}
			},
			"topic":"Sql"
		}
	}
})";

TEST_F(ConsumerFiltersTest, TheFileOfAJavaBrokerIsReadAndWrittenAlike) {
  const auto filters = decode_consumer_filters(kOfJava).value();
  ASSERT_EQ(filters.size(), 1u);
  EXPECT_EQ(filters[0].bloom, BloomFilter::make(20, 32)->positions("g-sql#Sql"));
  EXPECT_EQ(encode_consumer_filters({std::make_shared<ConsumerFilter>(filters[0])}), kOfJava);
}

TEST_F(ConsumerFiltersTest, AFilterLivesOnAfterItsClientsForADay) {
  start();
  subscribe("a=1", 7);
  leave();
  restart();
  auto filters = decode_consumer_filters(file()).value();
  ASSERT_EQ(filters.size(), 1u);
  EXPECT_EQ(filters[0].dead_time_ms, host.clock_ms);
  ASSERT_TRUE(send("T",
                   "a\1"
                   "1\2"));
  subscribe("other=1", 7);
  EXPECT_EQ(first_match(7).value(), 0) << "alive again with the version and the expression that it had";
  leave();
  host.clock_ms += ConsumerFilters::kKeptDeadMs;
  ConsumerFilters* const kept = static_cast<ConsumerFilters*>(&of<FilterBitMaps>());
  EXPECT_TRUE(kept->find("g", "T"));
  kept->tick();
  EXPECT_FALSE(kept->find("g", "T"));
}

TEST_F(ConsumerFiltersTest, WhatAHeartbeatDoesNotListAnyMoreIsDead) {
  start();
  subscribe("a=1", 1);
  ASSERT_TRUE(beat(heartbeat_of(channel_, "c1", "g", {"Other"})));
  EXPECT_NE(static_cast<ConsumerFilters&>(of<FilterBitMaps>()).encode().find("\"dead\":true"), std::string::npos);
}

TEST_F(ConsumerFiltersTest, FiltersOfAnotherBloomGeometryAreForgotten) {
  start();
  subscribe("a=1", 1);
  broker->stop();
  std::string changed = file();
  changed.replace(changed.find("112"), 3, "216");
  std::ofstream(directory.path() / "config" / "consumerFilter.json") << changed;
  broker.reset();
  services.clear();
  start();
  EXPECT_FALSE(static_cast<ConsumerFilters&>(of<FilterBitMaps>()).find("g", "T"));
}

TEST_F(ConsumerFiltersTest, AFilterIsKeptWhileItsPluginIsLeftOut) {
  start();
  subscribe("a=1", 1);
  restart_without_compiler();
  subscribe("a=1", 1);
  EXPECT_TRUE(first_match(1).error().is(Errc::topic_not_exist));
  ASSERT_TRUE(send("T",
                   "a\1"
                   "1\2"));
  EXPECT_TRUE(first_match(1).error().is(Errc::not_supported));
  restart();
  subscribe("a=1", 1);
  EXPECT_EQ(first_match(1).value(), 0);
}

TEST_F(ConsumerFiltersTest, ABitMapSaysWhoseFilterPasses) {
  start();
  subscribe("a=1", 1);
  const auto& maps = of<FilterBitMaps>();
  std::vector<std::byte> map(maps.size_bytes(), std::byte{7});
  EXPECT_FALSE(maps.calculate("Other", PropertiesView{}, map)) << "a topic without filters has no map";
  EXPECT_TRUE(maps.calculate("T",
                             PropertiesView("a\1"
                                            "2\2"),
                             map));
  EXPECT_EQ(map, std::vector<std::byte>(14));
  EXPECT_TRUE(maps.calculate("T",
                             PropertiesView("a\1"
                                            "1\2"),
                             map));
  EXPECT_TRUE(has_bits(map, BloomFilter::make(20, 32)->positions("g#T")));
}

TEST_F(ConsumerFiltersTest, ABitMapIsMadeForAFilterWhosePluginIsLeftOut) {
  start();
  subscribe("a=1", 1);
  restart_without_compiler();
  const auto& maps = of<FilterBitMaps>();
  std::vector<std::byte> map(maps.size_bytes());
  ASSERT_TRUE(maps.calculate("T",
                             PropertiesView("a\1"
                                            "1\2"),
                             map));
  EXPECT_TRUE(has_bits(map, BloomFilter::make(20, 32)->positions("g#T"))) << "with the plug-in it would not be given";
}

TEST_F(ConsumerFiltersTest, ShortExpressionsWithoutNumberAreRefusedToo) {
  start();
  ASSERT_TRUE(send("T"));
  const auto stranger = channel();
  Heartbeat flood = heartbeat_of(stranger, "c2", "flood", {});
  for (std::size_t index = 0; index < ConsumerFilters::kExpressionBytesMax / ConsumerFilters::kFilterBytes; ++index) {
    Subscription& one = flood.consumers[0].subscriptions.emplace_back();
    one.topic = text("x", index);
    one.expression = "a=1";
    one.expression_type = "EQUAL";
    one.version = 1;
  }
  ASSERT_TRUE(beat(std::move(flood)));
  of<ClientRegistry>().unregister({"c2", "", 0, stranger}, "", "flood");
  subscribe("a=1", 1);
  const auto refused = first_match();
  ASSERT_FALSE(refused) << "the dead ones stay for a day";
  Heartbeat changed = heartbeat_of(stranger, "c2", "flood", {"x0"});
  changed.consumers[0].subscriptions[0].expression = "a=2";
  changed.consumers[0].subscriptions[0].expression_type = "EQUAL";
  changed.consumers[0].subscriptions[0].version = 2;
  ASSERT_TRUE(beat(std::move(changed)));
  const std::string all = static_cast<ConsumerFilters&>(of<FilterBitMaps>()).encode();
  EXPECT_NE(all.find("a=2"), std::string::npos) << "what replaces one needs no room";
  EXPECT_NE(refused.error().message().find("the filters of all groups"), std::string::npos);
}

}  // namespace
}  // namespace tenon::kernel
