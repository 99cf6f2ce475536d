// SPDX-License-Identifier: Apache-2.0
#include "routing/broker_config.hpp"

#include <array>

#include "tenon/text.hpp"
#include "tenon/topics.hpp"

namespace tenon::kernel {
namespace {

constexpr std::array kKeys{
    ConfigKey{.name = "cluster",
              .type = ConfigType::string,
              .default_value = "DefaultCluster",
              .meaning = "Name of the cluster this broker belongs to; also the name of a built-in topic."},
    ConfigKey{.name = "name",
              .type = ConfigType::string,
              .default_value = "broker-a",
              .meaning = "Broker name: master and slaves of one group share it."},
    ConfigKey{.name = "id",
              .type = ConfigType::integer,
              .default_value = "0",
              .meaning = "Broker id in its group: 0 is the master, others are slaves.",
              .minimum = 0},
    ConfigKey{.name = "data_dir",
              .type = ConfigType::path,
              .default_value = "data",
              .meaning = "Directory of everything this process stores; one process at a time."},
    ConfigKey{.name = "name_servers",
              .type = ConfigType::address_list,
              .default_value = "[]",
              .meaning = "Name servers to register with; the one inside this process needs no entry."},
    ConfigKey{.name = "region",
              .type = ConfigType::string,
              .default_value = "DefaultRegion",
              .meaning = "Value of the MSG_REGION property of stored messages, and of answers to sends; clients gather "
                         "their traces by it."},
    ConfigKey{.name = "auto_create_topic",
              .type = ConfigType::boolean,
              .default_value = "true",
              .meaning = "Create an unknown topic at its first message, from the template TBW102."},
    ConfigKey{.name = "default_topic_queue_nums",
              .type = ConfigType::integer,
              .default_value = "8",
              .meaning = "The most queues that an automatically created topic gets.",
              .minimum = 1,
              .maximum = 65536},
    ConfigKey{.name = "cluster_topic",
              .type = ConfigType::boolean,
              .default_value = "true",
              .meaning = "Make the built-in topic named like the cluster readable and writable."},
    ConfigKey{.name = "broker_topic",
              .type = ConfigType::boolean,
              .default_value = "true",
              .meaning = "Make the built-in topic named like the broker readable and writable."},
    ConfigKey{.name = "trace_topic",
              .type = ConfigType::boolean,
              .default_value = "false",
              .meaning = "Create RMQ_SYS_TRACE_TOPIC for the traces that clients write."},
    ConfigKey{.name = "trace_on",
              .type = ConfigType::boolean,
              .default_value = "true",
              .meaning = "Whether clients may trace messages of this broker: value of the TRACE_ON property, and of "
                         "answers to sends."},
    ConfigKey{.name = "auto_create_subscription_group",
              .type = ConfigType::boolean,
              .default_value = "true",
              .meaning = "Create an unknown consumer group at its first use."},
    ConfigKey{.name = "topics_max",
              .type = ConfigType::integer,
              .default_value = "100000",
              .meaning = "Topics beyond this number are not created.",
              .minimum = 64,
              .maximum = 10'000'000},
    ConfigKey{.name = "groups_max",
              .type = ConfigType::integer,
              .default_value = "100000",
              .meaning = "Consumer groups beyond this number are not created automatically.",
              .minimum = 64,
              .maximum = 10'000'000},
    ConfigKey{.name = "consumer_offsets_max",
              .type = ConfigType::integer,
              .default_value = "1000000",
              .meaning = "Consumer offsets (one a group and queue) beyond this number are refused.",
              .minimum = 1'000,
              .maximum = 100'000'000},
    ConfigKey{.name = "max_message_size",
              .type = ConfigType::size,
              .default_value = "4MiB",
              .meaning = "Largest message body, as received.",
              .minimum = 1024,
              .maximum = 512 * 1024 * 1024},
    ConfigKey{.name = "long_polling",
              .type = ConfigType::boolean,
              .default_value = "true",
              .meaning = "Hold a pull that finds nothing as long as the client asks; false: one second."},
    ConfigKey{.name = "pulls_waiting_max",
              .type = ConfigType::integer,
              .default_value = "100000",
              .meaning = "Pulls held at one time; beyond it a pull is answered busy.",
              .minimum = 1,
              .maximum = 10'000'000},
    ConfigKey{.name = "cold_read_rate",
              .type = ConfigType::size,
              .default_value = "0B",
              .meaning = "How much all consumers together read from the disk in a second; 0: no limit."},
    ConfigKey{.name = "flush_consumer_offset_interval",
              .type = ConfigType::duration,
              .default_value = "5s",
              .meaning = "How often changed consumer offsets are written to disk.",
              .minimum = 100},
    ConfigKey{.name = "register_name_server_period",
              .type = ConfigType::duration,
              .default_value = "30s",
              .meaning = "How often all topics are registered with the name servers.",
              .minimum = 1'000,
              .maximum = 60'000},
    ConfigKey{.name = "register_broker_timeout",
              .type = ConfigType::duration,
              .default_value = "3s",
              .meaning = "How long the answer of a name server is waited for, also by the send that made a topic.",
              .minimum = 100,
              .maximum = 24'000},
    ConfigKey{.name = "not_active_timeout",
              .type = ConfigType::duration,
              .default_value = "20s",
              .meaning = "Name servers forget a broker that they have not heard for so long (RocketMQ 4: always 120s).",
              .minimum = 15'000,
              .maximum = 120'000},
    ConfigKey{.name = "sync_flush_timeout",
              .type = ConfigType::duration,
              .default_value = "5s",
              .meaning = "How long a send waits for flush or replicas before it is answered with a time-out.",
              .minimum = 1},
    ConfigKey{.name = "light_queues",
              .type = ConfigType::boolean,
              .default_value = "false",
              .meaning =
                  "Serve the light queues that a store with light_queues fills (enableLmq); offsets are then kept "
                  "in lmqConsumerOffset.json."},
    ConfigKey{.name = "slave_read",
              .type = ConfigType::boolean,
              .default_value = "true",
              .meaning = "Send slow readers to a slave and, on a slave, serve reads (slaveReadEnable)."},
};

/// Below that consumers would hardly move.
constexpr std::int64_t kColdReadRateMin = 64 * 1024;

void check_name(std::string_view key, const std::string& name, Diagnostics& complaints) {
  if (const Status valid = validate_topic_name(name); !valid) complaints.error(key, valid.error().message());
}

void check_cold_read_rate(std::int64_t bytes_per_second, Diagnostics& complaints) {
  if (bytes_per_second != 0 && bytes_per_second < kColdReadRateMin)
    complaints.error("cold_read_rate", "expected at least \"64KiB\" (a second), or \"0B\" for no limit");
}

}  // namespace

std::span<const ConfigKey> broker_config_keys() { return kKeys; }

BrokerConfig read_broker_config(const ConfigSection& section, Diagnostics& complaints) {
  BrokerConfig config;
  config.cluster = section.string("cluster");
  config.name = section.string("name");
  config.id = section.integer("id");
  config.data_dir = section.string("data_dir");
  config.name_servers = section.list("name_servers");
  config.region = section.string("region");
  config.auto_create_topic = section.boolean("auto_create_topic");
  config.default_topic_queue_nums = static_cast<std::int32_t>(section.integer("default_topic_queue_nums"));
  config.cluster_topic = section.boolean("cluster_topic");
  config.broker_topic = section.boolean("broker_topic");
  config.trace_topic = section.boolean("trace_topic");
  config.trace_on = section.boolean("trace_on");
  config.auto_create_subscription_group = section.boolean("auto_create_subscription_group");
  config.topics_max = static_cast<std::int32_t>(section.integer("topics_max"));
  config.groups_max = static_cast<std::int32_t>(section.integer("groups_max"));
  config.consumer_offsets_max = section.integer("consumer_offsets_max");
  config.message_size_max_bytes = section.size_bytes("max_message_size");
  config.long_polling = section.boolean("long_polling");
  config.pulls_waiting_max = static_cast<std::int32_t>(section.integer("pulls_waiting_max"));
  config.cold_read_bytes_per_second = section.size_bytes("cold_read_rate");
  config.flush_consumer_offset_interval = section.duration("flush_consumer_offset_interval");
  config.register_name_server_period = section.duration("register_name_server_period");
  config.register_broker_timeout = section.duration("register_broker_timeout");
  config.not_active_timeout = section.duration("not_active_timeout");
  config.sync_flush_timeout = section.duration("sync_flush_timeout");
  config.light_queues = section.boolean("light_queues");
  config.slave_read = section.boolean("slave_read");
  // Cluster and broker name become topics.
  check_name("cluster", config.cluster, complaints);
  check_name("name", config.name, complaints);
  check_cold_read_rate(config.cold_read_bytes_per_second, complaints);
  return config;
}

}  // namespace tenon::kernel
