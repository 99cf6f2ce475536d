// SPDX-License-Identifier: Apache-2.0
#include "waiting_requests.hpp"

#include <gmock/gmock.h>

namespace tenon::pop {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

class ClientForTest final : public ClientChannel {
 public:
  const HostAddress& remote_address() const noexcept override { return address_; }
  bool is_open() const noexcept override { return open; }
  boost::asio::any_io_executor executor() const override { return {}; }
  void notify_consumer_ids_changed(std::string_view) override {}
  void push_reply(const ReplyPush&, Answered) override {}
  void close() override {}
  bool open = true;

 private:
  HostAddress address_;
};

class WaitingRequestsTest : public ::testing::Test {
 protected:
  bool wait(const std::string& name, std::int32_t queue_id = -1, std::int64_t deadline_ms = 1000,
            std::string group = "g", std::shared_ptr<ClientChannel> client = nullptr) {
    return requests.add({"T", std::move(group), queue_id, deadline_ms, std::move(client), [this, name](bool last) {
                           if (messages == 0 && !last) return false;
                           answered.push_back(messages > 0 ? name : name + " late");
                           if (messages > 0) --messages;
                           return true;
                         }});
  }
  Settings settings{.waiting_max = 4, .waiting_of_queue_max = 3};
  WaitingRequests requests{settings};
  int messages = 0;
  std::vector<std::string> answered;
};

TEST_F(WaitingRequestsTest, OneRequestGetsAMessage) {
  ASSERT_TRUE(wait("first") && wait("second"));
  messages = 1;
  requests.message_came("T", 0);
  EXPECT_THAT(answered, ElementsAre("first"));
  EXPECT_EQ(requests.count("g", "T", -1), 1);
}

TEST_F(WaitingRequestsTest, OneOfEachGroupAndOneForTheQueue) {
  ASSERT_TRUE(wait("any") && wait("queue 1", 1) && wait("queue 2", 2) && wait("other group", -1, 1000, "h"));
  messages = 4;
  requests.message_came("T", 1);
  EXPECT_THAT(answered, ElementsAre("any", "queue 1", "other group"));
}

TEST_F(WaitingRequestsTest, OtherTopicsWakeNobody) {
  wait("first");
  messages = 1;
  requests.message_came("S", 0);
  requests.message_came("TT", 0);
  EXPECT_THAT(answered, IsEmpty());
  EXPECT_TRUE(requests.has("T"));
  EXPECT_FALSE(requests.has("S"));
}

TEST_F(WaitingRequestsTest, WhoFindsNothingWaitsOn) {
  wait("first");
  requests.message_came("T", 0);
  EXPECT_THAT(answered, IsEmpty());
  EXPECT_FALSE(requests.empty());
}

TEST_F(WaitingRequestsTest, WhoFindsNothingKeepsNobodyElseFromTheMessage) {
  bool tried = false;
  ASSERT_TRUE(requests.add({"T", "g", -1, 1000, nullptr, [&tried](bool) {
                              tried = true;
                              return false;  // a filter that the message does not pass
                            }}));
  ASSERT_TRUE(wait("second"));
  messages = 1;
  requests.message_came("T", 0);
  EXPECT_TRUE(tried);
  EXPECT_THAT(answered, ElementsAre("second"));
  EXPECT_EQ(requests.count("g", "T", -1), 1);
}

TEST_F(WaitingRequestsTest, ARetryIsForWhoeverWaitsWhateverTheQueue) {
  ASSERT_TRUE(wait("queue 1", 1) && wait("other group", -1, 1000, "h"));
  messages = 1;
  requests.retry_came_for("g", "T");
  EXPECT_THAT(answered, ElementsAre("queue 1"));
}

TEST_F(WaitingRequestsTest, TimeEndsTheWait) {
  ASSERT_TRUE(wait("short", -1, 500) && wait("long", -1, 5000));
  requests.expire(449);
  EXPECT_THAT(answered, IsEmpty());
  requests.expire(450);
  EXPECT_THAT(answered, ElementsAre("short late")) << "50 ms early, so that the answer is there in time";
  requests.end();
  EXPECT_THAT(answered, ElementsAre("short late", "long late"));
  EXPECT_TRUE(requests.empty());
  EXPECT_FALSE(requests.has("T"));
}

TEST_F(WaitingRequestsTest, NothingIsGivenToAClientThatHasGone) {
  const auto client = std::make_shared<ClientForTest>();
  ASSERT_TRUE(wait("gone", -1, 1000, "g", client) && wait("there"));
  client->open = false;
  messages = 1;
  requests.message_came("T", 0);
  EXPECT_THAT(answered, ElementsAre("there"));
  EXPECT_TRUE(requests.empty());
}

TEST_F(WaitingRequestsTest, NoMoreWaitThanMay) {
  EXPECT_TRUE(wait("1") && wait("2") && wait("3"));
  EXPECT_FALSE(wait("4")) << "of one group, topic and queue";
  EXPECT_TRUE(wait("4", 0));
  EXPECT_FALSE(wait("5", 1)) << "of all";
}

}  // namespace
}  // namespace tenon::pop
