// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "tenon/capability.hpp"
#include "tenon/client_channel.hpp"
#include "tenon/error.hpp"
#include "tenon/route_registrar.hpp"
#include "tenon/topics.hpp"

namespace tenon {

/// Queues of a topic on one broker name.
struct QueueRoute {
  std::string broker_name;
  std::int32_t read_queue_nums = 0;
  std::int32_t write_queue_nums = 0;
  std::int32_t perm = 0;  ///< Bits of tenon::permission.
  std::int32_t topic_sys_flag = 0;
};
/// The addresses behind one broker name; id 0 is the master.
struct BrokerRoute {
  std::string cluster;
  std::string broker_name;
  std::map<std::int64_t, std::string> addresses;
  bool enable_acting_master = false;
  std::string zone_name;

  /// Empty: none is known.
  std::string master_address() const {
    const auto master = addresses.find(0);
    return master == addresses.end() ? std::string() : master->second;
  }
};
struct TopicRoute {
  std::vector<QueueRoute> queues;
  std::vector<BrokerRoute> brokers;
  std::string order_topic_conf;  ///< Empty normally.
};
struct ClusterInfo {
  std::map<std::string, BrokerRoute> brokers;             ///< By broker name.
  std::map<std::string, std::set<std::string>> clusters;  ///< Cluster to broker names.
};

/// A broker's registration as it reached a name server.
struct RegistrationAtNameServer {
  BrokerRegistration registration;
  /// The addresses as the broker wrote them, which may be host names. Empty: those of `registration`.
  std::string broker_address_text;
  std::string ha_address_text;
  /// Not set by brokers before 5.0, whose slaves bring no topics.
  std::optional<bool> enable_acting_master;
  std::string zone_name;
  std::chrono::milliseconds heartbeat_timeout{120'000};
  /// The connection it came by: its end removes the broker. nullptr for the broker of the same process.
  std::shared_ptr<ClientChannel> channel;
};

/// Being a name server: which brokers live, which topics they have. Offered by the namesrv plug-in. Threads: any.
class TENON_EXPORT RouteTable : public Capability {
 public:
  static constexpr CapabilityId kId{"tenon.route-table", 1};

  /// Error: internal for a partial registration of an unknown broker.
  virtual Result<RegistrationAnswer> register_broker(const RegistrationAtNameServer& registration) = 0;
  virtual void unregister_broker(std::string_view cluster, std::string_view broker_name, std::int64_t broker_id,
                                 std::string_view broker_address) = 0;
  /// Refreshes a broker's life; returns the stored version of its topics, empty if it is unknown.
  virtual std::optional<DataVersion> broker_heartbeat(std::string_view cluster, std::string_view broker_address) = 0;
  /// The connection has ended: brokers that registered by it are forgotten.
  virtual void channel_closed(const ClientChannel& channel) = 0;

  /// Error: topic_not_exist.
  virtual Result<TopicRoute> route_of(std::string_view topic) const = 0;
  virtual ClusterInfo cluster_info() const = 0;
  virtual std::vector<std::string> topics(std::string_view cluster_or_empty_for_all) const = 0;
  /// Forgets the topic on the brokers of the cluster, until one of them registers it again.
  virtual void remove_topic(std::string_view topic, std::string_view cluster_or_empty_for_all) = 0;
  /// Adds or replaces the queues of a topic, by broker. Nothing happens if one of the brokers is unknown.
  virtual void put_topic(std::string_view topic, const std::vector<QueueRoute>& queues) = 0;
  /// Gives or takes away the write permission of all topics of a broker; returns the number of topics.
  virtual std::int32_t set_broker_writable(std::string_view broker_name, bool writable) = 0;
};

/// Key-value configuration by namespace, kept by a name server over restarts. Offered by the namesrv plug-in.
/// Threads: any; put() and remove() wait for the disk, reads do not. Errors: busy (too much is stored), io; then
/// nothing has changed.
class TENON_EXPORT KeyValueConfig : public Capability {
 public:
  static constexpr CapabilityId kId{"tenon.key-value-config", 1};
  using Table = std::map<std::string, std::string>;

  virtual Status put(std::string_view name_space, std::string_view key, std::string_view value) = 0;
  virtual Status remove(std::string_view name_space, std::string_view key) = 0;
  virtual std::optional<std::string> find(std::string_view name_space, std::string_view key) const = 0;
  virtual std::optional<Table> table(std::string_view name_space) const = 0;
};

}  // namespace tenon
