// SPDX-License-Identifier: Apache-2.0
#include "namesrv/route_registration.hpp"

#include <gtest/gtest.h>

#include "namesrv/registration_samples.hpp"

namespace tenon::namesrv {
namespace {

constexpr std::int64_t kNow = 1'700'000'000'000;

class RouteRegistration : public testing::Test {
 protected:
  Result<RegistrationAnswer> apply(const RegistrationAtNameServer& registration) {
    return apply_registration(state_, registration, policy_, kNow);
  }
  const QueueRoute& queues(const char* topic, const char* broker) { return state_.topics.at(topic).at(broker); }

  RouteState state_;
  RegistrationPolicy policy_;
};

TEST_F(RouteRegistration, EntersClusterBrokerTopicsAndLife) {
  ASSERT_TRUE(apply(sample_registration("a", 0, "127.0.0.1:10911", {"T", "U"})));
  EXPECT_EQ(state_.clusters.at("C"), std::set<std::string>{"a"});
  EXPECT_EQ(state_.brokers.at("a").addresses.at(0), "127.0.0.1:10911");
  EXPECT_EQ(queues("T", "a").read_queue_nums, 8);
  EXPECT_EQ(state_.find_live("C", "127.0.0.1:10911")->last_update_ms, kNow);
}

TEST_F(RouteRegistration, PartialOfUnknownBrokerIsRefusedAndLeavesNoTrace) {
  auto partial = sample_registration("a", 0, "127.0.0.1:10911", {"T"});
  partial.registration.complete = false;
  const auto refused = apply(partial);
  ASSERT_FALSE(refused);
  EXPECT_TRUE(refused.error().is(Errc::internal));
  EXPECT_EQ(refused.error().message(), "register broker failed");
  EXPECT_TRUE(state_.brokers.empty());
  EXPECT_TRUE(state_.clusters.empty());
}

TEST_F(RouteRegistration, TopicsAreReplacedOnlyWhenTheVersionDiffers) {
  ASSERT_TRUE(apply(sample_registration("a", 0, "127.0.0.1:10911", {"T", "U"})));
  auto again = sample_registration("a", 0, "127.0.0.1:10911", {"T", "U"}, {.queues = 4});
  ASSERT_TRUE(apply(again));
  EXPECT_EQ(queues("T", "a").write_queue_nums, 8);
  again.registration.version.counter++;
  ASSERT_TRUE(apply(again));
  EXPECT_EQ(queues("T", "a").write_queue_nums, 4);
}

TEST_F(RouteRegistration, NewTopicIsTakenEvenWithTheOldVersion) {
  ASSERT_TRUE(apply(sample_registration("a", 0, "127.0.0.1:10911", {"T", "U"})));
  ASSERT_TRUE(apply(sample_registration("a", 0, "127.0.0.1:10911", {"V"})));
  EXPECT_EQ(queues("V", "a").perm, 6);
}

TEST_F(RouteRegistration, TopicsAreAdditiveUnlessConfigured) {
  ASSERT_TRUE(apply(sample_registration("a", 0, "127.0.0.1:10911", {"T", "U"})));
  ASSERT_TRUE(apply(sample_registration("a", 0, "127.0.0.1:10911", {"T"})));
  EXPECT_TRUE(state_.topics.contains("U"));
  policy_.delete_topic_with_broker_registration = true;
  auto partial = sample_registration("a", 0, "127.0.0.1:10911", {"T"});
  partial.registration.complete = false;
  ASSERT_TRUE(apply(partial));
  EXPECT_TRUE(state_.topics.contains("U"));
  ASSERT_TRUE(apply(sample_registration("a", 0, "127.0.0.1:10911", {"T"})));
  EXPECT_FALSE(state_.topics.contains("U"));
}

TEST_F(RouteRegistration, NewcomerReplacesTheAddressAndItsTopics) {
  ASSERT_TRUE(apply(sample_registration("a", 0, "127.0.0.1:10911", {"T", "U"})));
  ASSERT_TRUE(apply(sample_registration("a", 0, "127.0.0.1:10921", {"T", "U"}, {.queues = 2})));
  EXPECT_EQ(state_.brokers.at("a").addresses.at(0), "127.0.0.1:10921");
  EXPECT_EQ(queues("T", "a").read_queue_nums, 2);
  state_.remove_broker("C", "a", "127.0.0.1:10911");  // the old process ends: the new one stays
  EXPECT_EQ(state_.brokers.at("a").addresses.at(0), "127.0.0.1:10921");
}

TEST_F(RouteRegistration, NewcomerOfAnOlderEpochIsIgnoredWithSuccess) {
  ASSERT_TRUE(apply(sample_registration("a", 0, "127.0.0.1:10911", {"T", "U"}, {.state_version = 5})));
  const auto answer = apply(sample_registration("a", 0, "127.0.0.1:10921", {"T", "U"}, {.state_version = 4}));
  ASSERT_TRUE(answer);
  EXPECT_EQ(state_.brokers.at("a").addresses.at(0), "127.0.0.1:10911");
  EXPECT_EQ(state_.find_live("C", "127.0.0.1:10921"), nullptr);
}

TEST_F(RouteRegistration, OneProcessHoldsOneIdOfAName) {
  ASSERT_TRUE(apply(sample_registration("a", 1, "127.0.0.1:10911", {"T", "U"})));
  ASSERT_TRUE(apply(sample_registration("a", 0, "127.0.0.1:10911", {"T", "U"})));
  EXPECT_EQ(state_.brokers.at("a").addresses, (std::map<std::int64_t, std::string>{{0, "127.0.0.1:10911"}}));
}

TEST_F(RouteRegistration, SlaveLearnsItsMasterAndBringsNoTopics) {
  ASSERT_TRUE(apply(sample_registration("a", 0, "127.0.0.1:10911", {"T", "U"})));
  const auto answer = apply(sample_registration("a", 1, "127.0.0.1:10921", {"X", "Y"}));
  ASSERT_TRUE(answer);
  EXPECT_EQ(answer->master_address, "127.0.0.1:10911");
  EXPECT_EQ(answer->ha_server_address, "127.0.0.1:10912");
  EXPECT_FALSE(state_.topics.contains("X"));
}

TEST_F(RouteRegistration, PrimeSlaveBringsTopicsWithoutWritePermission) {
  auto slave = sample_registration("a", 1, "127.0.0.1:10921", {"X", "Y"});
  ASSERT_TRUE(apply(slave));
  EXPECT_FALSE(state_.topics.contains("X"));  // of a broker before 5.0
  slave.enable_acting_master = true;
  ASSERT_TRUE(apply(slave));
  EXPECT_EQ(queues("X", "a").perm, permission::read);
}

TEST_F(RouteRegistration, HostNamesStayAsTheBrokerWroteThem) {
  auto named = sample_registration("a", 0, "0.0.0.0:0", {"T", "U"});
  named.broker_address_text = "broker-a.example:10911";
  ASSERT_TRUE(apply(named));
  EXPECT_EQ(state_.brokers.at("a").addresses.at(0), "broker-a.example:10911");
}

}  // namespace
}  // namespace tenon::namesrv
