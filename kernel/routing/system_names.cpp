// SPDX-License-Identifier: Apache-2.0
#include "routing/system_names.hpp"

#include <algorithm>
#include <array>

#include "tenon/text.hpp"

namespace tenon::kernel {
namespace {

constexpr std::int32_t kReadWrite = permission::read | permission::write;
constexpr std::string_view kRocksHalf = "RMQ_SYS_ROCKSDB_TRANS_HALF_TOPIC";
constexpr std::string_view kRocksOpHalf = "RMQ_SYS_ROCKSDB_TRANS_OP_HALF_TOPIC";
constexpr std::string_view kReviveLog = "rmq_sys_REVIVE_LOG_";
constexpr std::string_view kSystemPrefix = "rmq_sys_";

/// RocketMQ lets clients send to the timer topic; what waits there goes wherever its REAL_TOPIC says, other system
/// topics included, so here only the broker writes to it.
constexpr std::array<std::string_view, 7> kNotSendable{
    system_topic::schedule, "RMQ_SYS_TRANS_HALF_TOPIC", "RMQ_SYS_TRANS_OP_HALF_TOPIC", "TRANS_CHECK_MAX_TIME_TOPIC",
    "SELF_TEST_TOPIC",      "OFFSET_MOVED_EVENT",       "rmq_sys_wheel_timer"};

constexpr std::array<std::string_view, 6> kOtherSystem{system_topic::auto_create_template,
                                                       "BenchmarkTest",
                                                       system_topic::trace,
                                                       "CHECKPOINT_TOPIC",
                                                       kRocksHalf,
                                                       kRocksOpHalf};

TopicConfig built_in(std::string name, std::int32_t queues, std::int32_t perm) {
  TopicConfig topic;
  topic.name = std::move(name);
  topic.read_queue_nums = topic.write_queue_nums = queues;
  topic.perm = perm;
  return topic;
}

std::int32_t named_topic_perm(bool usable) { return permission::inherit | (usable ? kReadWrite : 0); }

}  // namespace

std::vector<TopicConfig> built_in_topics(const BrokerConfig& config) {
  std::vector<TopicConfig> topics{
      built_in("SELF_TEST_TOPIC", 1, kReadWrite),
      built_in("BenchmarkTest", 1024, kReadWrite),
      built_in(config.cluster, 16, named_topic_perm(config.cluster_topic)),
      built_in(config.name, 1, named_topic_perm(config.broker_topic)),
      built_in("OFFSET_MOVED_EVENT", 1, kReadWrite),
      built_in(std::string(system_topic::schedule), 18, kReadWrite),
      built_in(text(config.cluster, "_REPLY_TOPIC"), 1, kReadWrite),
      built_in(text(kReviveLog, config.cluster), 8, kReadWrite),
      built_in(text("rmq_sys_SYNC_BROKER_MEMBER_", config.name), 1, permission::inherit),
      built_in("RMQ_SYS_TRANS_HALF_TOPIC", 1, kReadWrite),
      built_in("RMQ_SYS_TRANS_OP_HALF_TOPIC", 1, kReadWrite),
      built_in(std::string(kRocksHalf), 1, kReadWrite),
      built_in(std::string(kRocksOpHalf), 1, kReadWrite),
      built_in("rmq_sys_wheel_timer", 1, kReadWrite),
  };
  if (config.auto_create_topic) {
    topics.push_back(built_in(std::string(system_topic::auto_create_template), config.default_topic_queue_nums,
                              kReadWrite | permission::inherit));
  }
  if (config.trace_topic) topics.push_back(built_in(std::string(system_topic::trace), 1, kReadWrite));
  return topics;
}

bool is_system_topic(std::string_view topic, const BrokerConfig& config) {
  return topic.starts_with(kSystemPrefix) || topic == config.cluster || topic == config.name ||
         (topic.ends_with("_REPLY_TOPIC") && topic.substr(0, topic.size() - 12) == config.cluster) ||
         std::ranges::find(kNotSendable, topic) != kNotSendable.end() ||
         std::ranges::find(kOtherSystem, topic) != kOtherSystem.end();
}

bool is_sendable_topic(std::string_view topic) { return std::ranges::find(kNotSendable, topic) == kNotSendable.end(); }

std::vector<SubscriptionGroupConfig> built_in_groups() {
  std::vector<SubscriptionGroupConfig> groups;
  for (const char* name : {"TOOLS_CONSUMER", "FILTERSRV_CONSUMER", "SELF_TEST_C_GROUP", "CID_ONS-HTTP-PROXY",
                           "CID_ONSAPI_PULL", "CID_ONSAPI_PERMISSION", "CID_ONSAPI_OWNER", "CID_RMQ_SYS_TRANS"}) {
    groups.emplace_back().name = name;
  }
  return groups;
}

}  // namespace tenon::kernel
