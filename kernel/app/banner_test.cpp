// SPDX-License-Identifier: Apache-2.0
#include "app/banner.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace tenon::kernel {
namespace {

using testing::HasSubstr;
using testing::Not;

TEST(Banner, TellsWhatListensWhereAndHowToSend) {
  BannerFacts facts;
  facts.listeners = {{"RocketMQ protocol", "127.0.0.1:10911"}, {"RocketMQ protocol", "0.0.0.0:9876"}};
  facts.data_dir = "/var/lib/tenon";
  facts.plugins = {"store (store-mmap 0.1.0)"};
  facts.is_broker = facts.is_name_server = true;
  const std::string lines = banner(facts);
  EXPECT_THAT(lines, HasSubstr("broker and name server"));
  EXPECT_THAT(lines, HasSubstr("  RocketMQ protocol   127.0.0.1:10911\n"));
  EXPECT_THAT(lines, HasSubstr("/var/lib/tenon"));
  EXPECT_THAT(lines, HasSubstr("tenon produce -n 127.0.0.1:9876 -t hello"));
  EXPECT_THAT(lines, HasSubstr("setNamesrvAddr(\"127.0.0.1:9876\")"));
}

TEST(Banner, ABrokerAloneSendsClientsToItsNameServers) {
  BannerFacts facts;
  facts.listeners = {{"RocketMQ protocol", "127.0.0.1:10911"}};
  facts.name_servers = {"ns:9876"};
  facts.is_broker = true;
  EXPECT_EQ(name_server_for_clients(facts), "ns:9876");
  facts.name_servers.clear();
  EXPECT_THAT(banner(facts), Not(HasSubstr("First message")));
}

}  // namespace
}  // namespace tenon::kernel
