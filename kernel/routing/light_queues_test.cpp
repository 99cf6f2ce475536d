// SPDX-License-Identifier: Apache-2.0
#include "routing/light_queues.hpp"

#include <fstream>

#include "routing/test_broker.hpp"

namespace tenon::kernel {
namespace {

using namespace std::chrono_literals;

class LightQueuesTest : public test::BrokerTest {
 protected:
  void SetUp() override { config.light_queues = true; }
  void restart() {
    broker->drain(std::chrono::steady_clock::now());
    broker->stop();
    broker.reset();
    services.clear();
    open();
  }
  std::filesystem::path file(std::string_view name) const { return directory.path() / "config" / name; }
  void write(std::string_view name, std::string_view content) {
    std::filesystem::create_directories(directory.path() / "config");
    std::ofstream(file(name)) << content;
  }
};

TEST_F(LightQueuesTest, AreTopicsAndGroupsThatNobodyMakes) {
  open();
  const std::size_t topics = of<Topics>().list().size(), groups = of<Groups>().list().size();
  const auto topic = of<Topics>().find("%LMQ%a+b/#");
  ASSERT_NE(topic, nullptr);
  EXPECT_EQ(topic->read_queue_nums, 1);
  EXPECT_EQ(topic->perm, permission::read | permission::write);
  EXPECT_EQ(of<Groups>().find("%LMQ%client one")->name, "%LMQ%client one");
  EXPECT_NE(of<Groups>().find_or_create("%LMQ%client"), nullptr);
  EXPECT_TRUE(of<Groups>().put(*of<Groups>().find("%LMQ%client")));
  of<Topics>().put(*topic, [](const Status& done) { EXPECT_TRUE(done); });
  EXPECT_EQ(of<Topics>().list().size(), topics);
  EXPECT_EQ(of<Groups>().list().size(), groups);
  for (const std::string& name : {std::string("%LMQ%"), "%LMQ%" + std::string(251, 'a'), std::string("LMQ%a")}) {
    EXPECT_EQ(of<Topics>().find(name), nullptr) << name;
    EXPECT_EQ(of<Groups>().find(name), nullptr) << name;
  }
}

TEST_F(LightQueuesTest, AreNothingWithoutTheKey) {
  config.light_queues = false;
  open();
  EXPECT_EQ(of<Topics>().find("%LMQ%a"), nullptr);
  EXPECT_EQ(of<Groups>().find("%LMQ%a+b"), nullptr);
}

TEST_F(LightQueuesTest, ArePulled) {
  open();
  ASSERT_TRUE(send("%LMQ%a+b"));
  const std::uint64_t token = start_pull(pull_request("%LMQ%client", "%LMQ%a+b", 0));
  ASSERT_TRUE(answered(token));
  EXPECT_EQ(outcome(token)->read.message_count, 1);
  PullRequest other = pull_request("%LMQ%client", "%LMQ%a+b", 0);
  other.queue_id = 1;
  EXPECT_TRUE(outcome(start_pull(other)).error().is(Errc::invalid_parameter));
  const std::uint64_t empty = start_pull(pull_request("%LMQ%client", "%LMQ%other", 0));
  EXPECT_EQ(outcome(empty)->status, PullStatus::not_found);
}

TEST_F(LightQueuesTest, OffsetsAreKeptAsRocketMqKeepsThem) {
  open();
  ASSERT_TRUE(send("T"));
  auto& offsets = of<ConsumerOffsets>();
  ASSERT_TRUE(offsets.commit("%LMQ%client", "%LMQ%a+b", 0, {5}));
  ASSERT_TRUE(offsets.commit("g", "%LMQ%a+b", 0, {6}));
  ASSERT_TRUE(offsets.commit("g", "T", 1, {7}));
  EXPECT_FALSE(offsets.commit("g", "no topic+", 0, {6}));
  restart();
  EXPECT_FALSE(std::filesystem::exists(file("consumerOffset.json")));
  std::ifstream stream(file("lmqConsumerOffset.json"));
  const std::string content(std::istreambuf_iterator<char>(stream), {});
  EXPECT_NE(content.find("\"lmqOffsetTable\":{\n\t\t\"%LMQ%a+b@%LMQ%client\":5\n\t}"), std::string::npos) << content;
  EXPECT_EQ(content.find("%LMQ%client\":{"), std::string::npos) << content;
  EXPECT_EQ(of<ConsumerOffsets>().find("%LMQ%client", "%LMQ%a+b", 0), QueueOffset{5});
  EXPECT_EQ(of<ConsumerOffsets>().find("g", "%LMQ%a+b", 0), QueueOffset{6});
  EXPECT_EQ(of<ConsumerOffsets>().find("g", "T", 1), QueueOffset{7});
}

TEST_F(LightQueuesTest, OffsetsOfAnyNameAndOfManyQueuesAreKept) {
  open();
  ASSERT_TRUE(send("T"));
  auto& offsets = of<ConsumerOffsets>();
  ASSERT_TRUE(offsets.commit("%LMQ%client@home", "%LMQ%you@home/door", 0, {5}));
  ASSERT_TRUE(offsets.commit("g", "%LMQ%you@home/door", 0, {6}));
  ASSERT_TRUE(offsets.commit("%LMQ%client@home", "T", 0, {7}));
  ASSERT_TRUE(offsets.commit("%LMQ%client@home", "T", 1, {8}));
  restart();
  EXPECT_EQ(of<ConsumerOffsets>().find("%LMQ%client@home", "%LMQ%you@home/door", 0), QueueOffset{5});
  EXPECT_EQ(of<ConsumerOffsets>().find("g", "%LMQ%you@home/door", 0), QueueOffset{6});
  EXPECT_EQ(of<ConsumerOffsets>().find("%LMQ%client@home", "T", 0), QueueOffset{7});
  EXPECT_EQ(of<ConsumerOffsets>().find("%LMQ%client@home", "T", 1), QueueOffset{8});
}

TEST_F(LightQueuesTest, OffsetsBeginAsTheyWereWithout) {
  write("consumerOffset.json", R"({"offsetTable":{"T@g":{0:5}}})");
  open();
  EXPECT_EQ(of<ConsumerOffsets>().find("g", "T", 0), QueueOffset{5});
  ASSERT_TRUE(of<ConsumerOffsets>().commit("%LMQ%client", "%LMQ%a", 0, {1}));
  write("consumerOffset.json", R"({"offsetTable":{"T@g":{0:9}}})");
  restart();
  EXPECT_EQ(of<ConsumerOffsets>().find("g", "T", 0), QueueOffset{5}) << "from then on the other file counts";
}

TEST_F(LightQueuesTest, AMessageNamesTheQueuesItIsFor) {
  using Queues = std::vector<std::string_view>;
  EXPECT_EQ(light_queues_of(PropertiesView("INNER_MULTI_DISPATCH\1%LMQ%a,x,%LMQ%,%LMQ%b+c\2")),
            (Queues{"%LMQ%a", "%LMQ%b+c"}));
  EXPECT_EQ(light_queues_of(PropertiesView("INNER_MULTI_DISPATCH\1,,\2")), Queues{});
  EXPECT_EQ(light_queues_of(PropertiesView("KEYS\1k\2")), Queues{});
}

}  // namespace
}  // namespace tenon::kernel
