// SPDX-License-Identifier: Apache-2.0
// Receipts, check points and acknowledgements: the texts of golden/wire java-5.4.0-pop and golden/store pop-5.4.0.
#include "receipt.hpp"

#include <gmock/gmock.h>

#include "check_point.hpp"

namespace tenon::pop {
namespace {

using ::testing::ElementsAre;

std::span<const std::byte> bytes(std::string_view text) { return std::as_bytes(std::span(text)); }

TEST(Receipt, IsReadAndWrittenAsRocketMqDoes) {
  constexpr std::string_view kText = "3 1795264355489 60000 2 1 broker-a 0 7";
  const auto receipt = parse_receipt(kText);
  ASSERT_TRUE(receipt) << receipt.error().message();
  EXPECT_EQ(*receipt, (Receipt{{3}, 1795264355489, 60000, 2, PopSource::retry_topic, "broker-a", 0, {7}}));
  EXPECT_EQ(to_string(*receipt), kText);
}

TEST(Receipt, OfAnotherShapeIsRefused) {
  for (const std::string_view wrong :
       {"", " ", "3", "3 1 60000 2 0 broker-a 0", "3 1 60000 2 0 broker-a 0 7 8", "3 1 60000 2 3 broker-a 0 7",
        "-3 1 60000 2 0 broker-a 0 7", "3 1 60000 2 0 broker-a 0 7 ", "x 1 60000 2 0 broker-a 0 7",
        "3 99999999999999999999 60000 2 0 broker-a 0 7"}) {
    const auto receipt = parse_receipt(wrong);
    ASSERT_FALSE(receipt) << wrong;
    EXPECT_TRUE(receipt.error().is(Errc::invalid_parameter)) << wrong;
  }
}

TEST(Receipt, RetryTopicsAreNamedAndKnownAgain) {
  EXPECT_EQ(retry_topic_of("g", "T", PopSource::retry_topic), "%RETRY%g_T");
  EXPECT_EQ(retry_topic_of("g", "T", PopSource::retry_topic_v2), "%RETRY%g+T");
  EXPECT_EQ(source_of("%RETRY%g_T", "g"), PopSource::retry_topic);
  EXPECT_EQ(source_of("%RETRY%g+T", "g"), PopSource::retry_topic_v2);
  EXPECT_EQ(source_of("T", "g"), PopSource::topic);
  EXPECT_EQ(source_of("%RETRY%g", "g"), PopSource::topic) << "that of the group's pulls";
  EXPECT_EQ(source_of("%RETRY%other_T", "g"), PopSource::topic);
}

constexpr std::string_view kCheckPoint =
    R"({"bm":0,"bn":"broker-a","c":"g-pop","d":[0,1,2,3,4,5],"it":3000,"n":6,"pt":1795266795961,"q":0,"reviveTime":1795266798961,"ro":0,"so":0,"t":"Popped"})";
constexpr std::string_view kAcknowledgement =
    R"({"ao":2,"bn":"broker-a","c":"g-pop","pt":1795266795961,"q":0,"so":0,"t":"Popped"})";

TEST(CheckPoint, IsReadAndWrittenAsRocketMqDoes) {
  const auto check_point = parse_check_point(bytes(kCheckPoint));
  ASSERT_TRUE(check_point) << check_point.error().message();
  EXPECT_THAT(check_point->distances, ElementsAre(0, 1, 2, 3, 4, 5));
  EXPECT_EQ(check_point->revive_time_ms(), 1795266798961);
  EXPECT_EQ(to_json(*check_point), kCheckPoint);
  EXPECT_EQ(unique_key_of(*check_point), "Popped@0@0@g-pop@1795266795961@broker-a@ck");
}

TEST(CheckPoint, WithoutDistancesIsOfMessagesThatFollowOneAnother) {
  const auto check_point = parse_check_point(bytes(R"({"bn":"b","c":"g","it":1,"n":3,"pt":1,"q":0,"so":5,"t":"T"})"));
  ASSERT_TRUE(check_point) << check_point.error().message();
  EXPECT_THAT(check_point->distances, ElementsAre(0, 1, 2));
}

TEST(CheckPoint, ThatNobodyWritesIsRefused) {
  for (const std::string_view wrong :
       {"", "{", "{}", "[]", R"({"c":"g","t":"T","q":-1,"so":0,"pt":0})", R"({"c":"g","q":0,"so":0,"pt":0})"}) {
    EXPECT_FALSE(parse_check_point(bytes(wrong))) << wrong;
    EXPECT_FALSE(parse_acknowledgement(bytes(wrong))) << wrong;
  }
  const auto endless = parse_check_point(bytes(R"({"c":"g","t":"T","q":0,"so":0,"pt":0,"n":2000000000})"));
  ASSERT_TRUE(endless);
  EXPECT_TRUE(endless->distances.empty()) << "no memory for two thousand million messages";
}

TEST(Acknowledgement, IsReadAndWrittenAsRocketMqDoes) {
  const auto acknowledgement = parse_acknowledgement(bytes(kAcknowledgement));
  ASSERT_TRUE(acknowledgement) << acknowledgement.error().message();
  EXPECT_THAT(acknowledgement->offsets, ElementsAre(QueueOffset{2}));
  EXPECT_EQ(to_json(*acknowledgement), kAcknowledgement);
  EXPECT_EQ(unique_key_of(*acknowledgement), "Popped@0@2@g-pop@1795266795961@broker-a@ack");
}

TEST(Acknowledgement, OfABatchNamesEachOffset) {
  Acknowledgement acknowledgement{{"g", "T", 0, {5}, 9, "b"}, {{5}, {7}}};
  const std::string json = to_json(acknowledgement);
  const auto again = parse_acknowledgement(bytes(json));
  ASSERT_TRUE(again) << again.error().message();
  EXPECT_EQ(again->id, acknowledgement.id);
  EXPECT_EQ(again->offsets, acknowledgement.offsets);
}

}  // namespace
}  // namespace tenon::pop
