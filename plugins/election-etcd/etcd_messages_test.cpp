// SPDX-License-Identifier: Apache-2.0
#include "election-etcd/etcd_messages.hpp"

#include <gtest/gtest.h>

namespace tenon::election_etcd {
namespace {

const EtcdMessages kMessages{"/t/C/b/"};

// What etcd 3.4.23 answered to a range over "/t/C/b/", with an empty header.
constexpr std::string_view kRange = R"({"header":{},"kvs":[
  {"key":"L3QvQy9iL2xlYWRlcg==","create_revision":"7","mod_revision":"7","version":"1","value":"Mg==","lease":"12345"},
  {"key":"L3QvQy9iL21lbWJlcnMvMQ==","create_revision":"5","mod_revision":"6","version":"2","value":"MyAyIDEwMDA=","lease":"9"},
  {"key":"L3QvQy9iL3Rlcm0=","create_revision":"3","mod_revision":"7","version":"2","value":"Mw=="}],"count":"3"})";

TEST(EtcdMessages, ReadsWhatIsThere) {
  const auto seen = kMessages.seen_in(kRange);
  ASSERT_TRUE(seen) << seen.error().message();
  EXPECT_EQ(seen->leader, 2);
  EXPECT_EQ(seen->term, 3);
  EXPECT_EQ(seen->term_revision, 7);
  ASSERT_EQ(seen->reports.size(), 1U);
  EXPECT_EQ(seen->reports[0].broker_id, 1);
  EXPECT_EQ(seen->reports[0].term, 3);
  EXPECT_EQ(seen->reports[0].position, (Position{2, 1000}));
  EXPECT_FALSE(seen->reports[0].drained);
}

TEST(EtcdMessages, AReportSaysWhoIsDrained) {
  EXPECT_EQ(kMessages.put_report(9, {1, 3, {2, 1000}, true}),
            R"({"key":"L3QvQy9iL21lbWJlcnMvMQ==","value":"MyAyIDEwMDAgZHJhaW5lZA==","lease":"9"})");
  const auto seen = kMessages.seen_in(
      R"({"header":{},"kvs":[{"key":"L3QvQy9iL21lbWJlcnMvMQ==","value":"MyAyIDEwMDAgZHJhaW5lZA=="}],"count":"1"})");
  ASSERT_TRUE(seen && seen->reports.size() == 1);
  EXPECT_EQ(seen->reports[0], (Report{1, 3, {2, 1000}, true}));
}

TEST(EtcdMessages, AnEmptyDirectoryIsNoError) {
  const auto seen = kMessages.seen_in(R"({"header":{"revision":"1"}})");
  ASSERT_TRUE(seen);
  EXPECT_FALSE(seen->leader);
  EXPECT_EQ(seen->term, 0);
}

TEST(EtcdMessages, AsksForEverythingBelowTheDirectory) {
  EXPECT_EQ(kMessages.read_all(), R"({"key":"L3QvQy9iLw==","range_end":"L3QvQy9iMA=="})");
}

TEST(EtcdMessages, CampaignsOnlyOverWhatWasSeen) {
  const std::string request =
      kMessages.campaign(5, 2, {.leader = {}, .term = 3, .term_revision = 7, .confirmed = 0, .reports = {}}, 4);
  EXPECT_EQ(request,
            R"({"compare":[{"key":"L3QvQy9iL2xlYWRlcg==","target":"CREATE","result":"EQUAL","create_revision":"0"},)"
            R"({"key":"L3QvQy9iL3Rlcm0=","target":"MOD","result":"EQUAL","mod_revision":"7"}],)"
            R"("success":[{"request_put":{"key":"L3QvQy9iL2xlYWRlcg==","value":"Mg==","lease":"5"}},)"
            R"({"request_put":{"key":"L3QvQy9iL3Rlcm0=","value":"NA=="}}]})");
  EXPECT_TRUE(EtcdMessages::won_in(R"({"header":{},"succeeded":true})").value());
  EXPECT_FALSE(EtcdMessages::won_in(R"({"header":{}})").value());
}

TEST(EtcdMessages, LeasesAreGrantedKeptAndLost) {
  EXPECT_EQ(kMessages.grant(std::chrono::milliseconds(9'500)), R"({"TTL":"10"})");
  EXPECT_EQ(EtcdMessages::granted_in(R"({"header":{},"ID":"7587870000000001","TTL":"10"})").value(), 7587870000000001);
  EXPECT_TRUE(EtcdMessages::kept_in(R"({"result":{"header":{},"ID":"1","TTL":"10"}})"));
  const Status over = EtcdMessages::kept_in(R"({"result":{"header":{},"ID":"1"}})");
  ASSERT_FALSE(over);
  EXPECT_TRUE(over.error().is(Errc::query_not_found));
}

TEST(EtcdMessages, NonsenseIsAnError) {
  for (const std::string_view answer : {"", "{", "[]", "null", "{}"}) {
    EXPECT_TRUE(EtcdMessages::granted_in(answer).has_error()) << answer;
    EXPECT_TRUE(EtcdMessages::kept_in(answer).has_error()) << answer;
    EXPECT_TRUE(EtcdMessages::won_in(answer).has_error()) << answer;
  }
  EXPECT_TRUE(kMessages.seen_in("[").has_error());
  EXPECT_TRUE(kMessages.seen_in("{}").has_error()) << "not that nobody leads";
  EXPECT_TRUE(kMessages.seen_in(R"({"header":{},"kvs":[1,{"key":5},{"key":"%%%"}]})"));
}

TEST(EtcdMessages, ValuesWithoutPaddingAreReadWhole) {
  const auto seen =
      kMessages.seen_in(R"({"header":{},"kvs":[{"key":"L3QvQy9iL3Rlcm0","value":"MTc5NTAwMDAwMDAwMA"}]})");
  ASSERT_TRUE(seen);
  EXPECT_EQ(seen->term, 1'795'000'000'000);
}

}  // namespace
}  // namespace tenon::election_etcd
