// SPDX-License-Identifier: Apache-2.0
#include "storetools/from_rocketmq.hpp"

#include <gmock/gmock.h>

namespace tenon::storetools {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

MovedConfig moved(std::string_view conf, std::vector<std::string> plugins = {"filter-tag"}) {
  auto result = from_rocketmq({conf, "/srv/mq", "store-mmap", std::move(plugins)});
  EXPECT_TRUE(result.has_value()) << result.error().message();
  return result ? std::move(*result) : MovedConfig();
}

TEST(FromRocketmq, TakesTheStoreWhereItLies) {
  const MovedConfig config = moved(
      "brokerName=broker-x\nbrokerClusterName=c1\nnamesrvAddr=10.0.0.1:9876;10.0.0.2:9876\nstorePathRootDir=/mq/store\n"
      "storePathCommitLog=/fast/commitlog\nmappedFileSizeCommitLog=1048576\nmappedFileSizeConsumeQueue=2010\n"
      "flushDiskType=SYNC_FLUSH\nfileReservedTime=48\ndeleteWhen=04;16\ndiskMaxUsedSpaceRatio=98\nlistenPort=10921\n"
      "brokerIP1=10.1.2.3\n");
  for (const char* line :
       {"data_dir = \"/mq/store\"\n", "name = \"broker-x\"\n", "cluster = \"c1\"\n",
        "name_servers = [\"10.0.0.1:9876\", \"10.0.0.2:9876\"]\n", "commit_log_path = \"/fast/commitlog\"\n",
        "commit_log_file_size = \"1048576B\"\n", "consume_queue_file_entries = 101\n", "flush = \"sync\"\n",
        "file_reserved_time = \"48h\"\n", "delete_when = [\"04\", \"16\"]\n", "disk_max_used_ratio = 0.95\n",
        "listen = [\"0.0.0.0:10921\", \"0.0.0.0:10919\"]\n", "advertise = \"10.1.2.3:10921\"\n",
        "[plugins.filter-tag]\n"}) {
    EXPECT_THAT(config.toml, HasSubstr(line));
  }
  EXPECT_TRUE(config.without_counterpart.empty()) << config.without_counterpart[0];
}

TEST(FromRocketmq, WhatTheFileDoesNotSayIsRocketmqsDefault) {
  const MovedConfig config = moved("brokerIP1=10.1.2.3\nstorePathCommitLog=/srv/mq/store/commitlog/\n");
  EXPECT_THAT(config.toml, HasSubstr("data_dir = \"/srv/mq/store\"\n"));
  EXPECT_THAT(config.toml, HasSubstr("listen = [\"0.0.0.0:10911\", \"0.0.0.0:10909\"]\n"));
  EXPECT_THAT(config.toml, Not(HasSubstr("commit_log_path")));
  EXPECT_THAT(config.toml, Not(HasSubstr("commit_log_file_size =")));
}

TEST(FromRocketmq, NamesEveryKeyWithoutCounterpart) {
  const MovedConfig config =
      moved("brokerIP1=1.2.3.4\nbrokerRole=SYNC_MASTER\nfancyKey=7\nmessageDelayLevel=1s 2s\ntransactionCheckMax=3\n");
  ASSERT_EQ(config.without_counterpart.size(), 4U);
  for (const char* key :
       {"brokerRole = SYNC_MASTER", "fancyKey = 7", "messageDelayLevel = 1s 2s", "transactionCheckMax = 3"})
    EXPECT_THAT(config.toml, HasSubstr(std::string("#   ") + key));
  EXPECT_EQ(moved("brokerIP1=1.2.3.4\nbrokerRole=ASYNC_MASTER\n").without_counterpart.size(), 0U);
}

TEST(FromRocketmq, KeysOfOptionalPluginsGoToThem) {
  const MovedConfig config = moved("brokerIP1=1.2.3.4\ntransactionCheckMax=3\n", {"transaction"});
  EXPECT_THAT(config.toml, HasSubstr("[plugins.transaction]\ncheck_max = 3\n"));
  EXPECT_TRUE(config.without_counterpart.empty());
}

TEST(FromRocketmq, ExtendedFilesGoOn) {
  const MovedConfig config = moved(
      "brokerIP1=1.2.3.4\nenableConsumeQueueExt=true\nmappedFileSizeConsumeQueueExt=4096\nenableCalcFilterBitMap=true\n"
      "enableLmq=true\nenableMultiDispatch=true\nmaxLmqConsumeQueueNum=30\n");
  for (const char* line : {"consume_queue_extension = true\n", "consume_queue_extension_file_size = \"4096B\"\n",
                           "filter_bit_maps = true\n", "plugins.store]\n", "light_queues_max = 30\n"})
    EXPECT_THAT(config.toml, HasSubstr(line));
  EXPECT_THAT(config.toml.substr(0, config.toml.find("[plugins.store]")), HasSubstr("light_queues = true\n"));
  EXPECT_THAT(config.toml.substr(config.toml.find("[plugins.store]")), HasSubstr("light_queues = true\n"));
  EXPECT_TRUE(config.without_counterpart.empty()) << config.without_counterpart[0];
}

TEST(FromRocketmq, AnAddressThatJavaChoseItselfIsAskedFor) {
  EXPECT_THAT(moved("").without_counterpart[0], HasSubstr("brokerIP1"));
}

TEST(FromRocketmq, AnAddressOfIpv6GetsItsBrackets) {
  EXPECT_THAT(moved("brokerIP1=::1\n").toml, HasSubstr("advertise = \"[::1]:10911\"\n"));
  EXPECT_THAT(moved("brokerIP1=[fe80::1]\n").toml, HasSubstr("advertise = \"[fe80::1]:10911\"\n"));
}

TEST(FromRocketmq, RefusesWhatCannotBeServed) {
  for (const char* conf : {"storeType=defaultRocksDB", "enableDLegerCommitLog=true", "storePathCommitLog=/a,/b",
                           "fileReservedTime=long", "brokerId=-1", "brokerName=a\\nb", "\x01=x"}) {
    const auto refused = from_rocketmq({conf, "/srv/mq", "store-mmap", {}});
    ASSERT_TRUE(refused.has_error()) << conf;
    EXPECT_TRUE(refused.error().is(Errc::invalid_parameter));
  }
}

TEST(FromRocketmq, TextStaysText) {
  EXPECT_THAT(moved("brokerIP1=1.2.3.4\nbrokerName=a\"\\\\b").toml, HasSubstr("name = \"a\\\"\\\\b\"\n"));
}

}  // namespace
}  // namespace tenon::storetools
