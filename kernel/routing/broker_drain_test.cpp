// SPDX-License-Identifier: Apache-2.0
#include "routing/broker_drain.hpp"

#include "fastjson/reader.hpp"
#include "routing/test_broker.hpp"

namespace tenon::kernel {
namespace {

class BrokerDrainTest : public test::BrokerTest {
 protected:
  BrokerDrainTest() { config.name_servers = {"ns1:9876"}; }
  fastjson::Value drain(std::string_view action) {
    const auto answer = of<AdminCommand>().run(text(R"({"action":")", action, R"("})"));
    return fastjson::parse(answer.value()).value();
  }
  const TopicConfig& registered(std::string_view topic) const {
    for (const auto& one : registrar.registered.back().registration.topics) {
      if (one->name == topic) return *one;
    }
    throw std::logic_error("not registered");
  }
};

TEST_F(BrokerDrainTest, RefusesNewMessagesAndTellsTheNameServers) {
  open();
  ASSERT_TRUE(send("T"));
  EXPECT_TRUE(drain("begin").bool_or("draining", false));
  const auto refused = send("T");
  ASSERT_FALSE(refused);
  EXPECT_TRUE(refused.error().is(Errc::no_permission)) << "clients send it to another broker then";
  EXPECT_EQ(registered("T").perm, permission::read);
  EXPECT_FALSE(drain("cancel").bool_or("draining", true));
  EXPECT_TRUE(send("T"));
  EXPECT_EQ(registered("T").perm, permission::read | permission::write);
}

TEST_F(BrokerDrainTest, SaysWhatIsLeftAndLeaves) {
  open();
  ASSERT_TRUE(send("T"));
  ASSERT_TRUE(send("T"));
  ASSERT_TRUE(of<Groups>().find_or_create("g"));
  ASSERT_TRUE(of<ConsumerOffsets>().commit("g", "T", 0, {1}));
  EXPECT_TRUE(of<AdminCommand>().run(R"({"action":"leave"})").has_error()) << "not without begin";
  EXPECT_EQ(drain("begin").i64_or("unconsumed", -1), 1);
  ASSERT_TRUE(of<ConsumerOffsets>().commit("g", "T", 0, {2}));
  EXPECT_EQ(drain("status").i64_or("unconsumed", -1), 0);
  EXPECT_TRUE(drain("leave").bool_or("left", false));
  ASSERT_EQ(registrar.unregistered.size(), 1U);
  registrar.registered.clear();
  time.advance(std::chrono::minutes(2));
  EXPECT_TRUE(registrar.registered.empty());
  EXPECT_TRUE(of<AdminCommand>().run(R"({"action":"cancel"})").has_error());
  EXPECT_TRUE(of<AdminCommand>().run(R"({"action":"what"})").has_error());
}

}  // namespace
}  // namespace tenon::kernel
