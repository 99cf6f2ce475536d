// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <span>
#include <string>
#include <vector>

#include "tenon/config.hpp"

namespace tenon::kernel {

/// The values of the `[broker]` table; the defaults are those of broker_config_keys().
struct BrokerConfig {
  std::string cluster = "DefaultCluster";
  std::string name = "broker-a";
  std::int64_t id = 0;                      ///< 0 = master.
  std::filesystem::path data_dir = "data";  ///< The composition root opens and locks it; the broker asks its Host.
  std::vector<std::string> name_servers;    ///< "host:port" each.
  std::string region = "DefaultRegion";
  bool auto_create_topic = true;
  std::int32_t default_topic_queue_nums = 8;  ///< Write queues of TBW102: the most that an automatic topic gets.
  bool cluster_topic = true;
  bool broker_topic = true;
  bool trace_topic = false;
  bool trace_on = true;  ///< TRACE_ON property of stored messages.
  bool auto_create_subscription_group = true;
  std::int32_t topics_max = 100'000;  ///< Beyond that none is created.
  std::int32_t groups_max = 100'000;
  std::int64_t consumer_offsets_max = 1'000'000;
  std::int64_t message_size_max_bytes = 4 * 1024 * 1024;
  bool long_polling = true;
  std::int32_t pulls_waiting_max = 100'000;
  std::int64_t cold_read_bytes_per_second = 0;  ///< Of all consumers together; 0: as fast as they can.
  std::chrono::milliseconds flush_consumer_offset_interval{5'000};
  std::chrono::milliseconds register_name_server_period{30'000};
  std::chrono::milliseconds register_broker_timeout{3'000};
  std::chrono::milliseconds not_active_timeout{20'000};
  std::chrono::milliseconds sync_flush_timeout{5'000};
  bool light_queues = false;  ///< Names `%LMQ%...` are topics and groups (enableLmq); see light_queues.hpp.
  bool slave_read = true;     ///< Readers may be sent to slaves, and slaves serve them (slaveReadEnable).
};

/// The keys of the `[broker]` table. Literals.
std::span<const ConfigKey> broker_config_keys();
/// Takes the values out of a checked `[broker]` table and complains about those that only look valid (names,
/// addresses).
BrokerConfig read_broker_config(const ConfigSection& section, Diagnostics& complaints);

}  // namespace tenon::kernel
