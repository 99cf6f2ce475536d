// SPDX-License-Identifier: Apache-2.0
#include "routing/broker_identity.hpp"

#include "tenon/text.hpp"

namespace tenon::kernel {

HostAddress ConfiguredIdentity::advertised_address() const {
  if (known_.load(std::memory_order_acquire)) return address_;
  const std::scoped_lock lock(mutex_);
  if (known_.load(std::memory_order_relaxed) || registrar_ == nullptr) return address_;
  const HostAddress advertised = registrar_->advertised_address();
  if (advertised.port() == 0) return advertised;
  address_ = advertised;
  known_.store(true, std::memory_order_release);
  return address_;
}

std::vector<std::pair<std::string, std::string>> ConfiguredIdentity::settings() const {
  std::string name_servers;
  for (const std::string& address : config_.name_servers) {
    name_servers += (name_servers.empty() ? "" : ";") + address;
  }
  // Source of the names: RocketMQ BrokerConfig.java, MessageStoreConfig.java.
  return {{"autoCreateSubscriptionGroup", text(config_.auto_create_subscription_group)},
          {"autoCreateTopicEnable", text(config_.auto_create_topic)},
          {"brokerTopicEnable", text(config_.broker_topic)},
          {"clusterTopicEnable", text(config_.cluster_topic)},
          {"defaultTopicQueueNums", text(config_.default_topic_queue_nums)},
          {"flushConsumerOffsetInterval", text(config_.flush_consumer_offset_interval.count())},
          {"longPollingEnable", text(config_.long_polling)},
          {"maxMessageSize", text(config_.message_size_max_bytes)},
          {"namesrvAddr", name_servers},
          {"regionId", config_.region},
          {"registerBrokerTimeoutMills", text(config_.register_broker_timeout.count())},
          {"registerNameServerPeriod", text(config_.register_name_server_period.count())},
          {"slaveReadEnable", text(config_.slave_read)},
          {"syncFlushTimeout", text(config_.sync_flush_timeout.count())},
          {"traceOn", text(config_.trace_on)},
          {"traceTopicEnable", text(config_.trace_topic)}};
}

}  // namespace tenon::kernel
