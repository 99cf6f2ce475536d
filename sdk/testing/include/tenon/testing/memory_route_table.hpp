// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <utility>

#include "tenon/route_table.hpp"

namespace tenon::testing {

/// The least that a route table is: no time-outs, no epochs of masters, no order configuration. For tests of what
/// stands on one, and to show that the contract asks for nothing but the interface. Threads: any.
class MemoryRouteTable final : public RouteTable {
 public:
  Result<RegistrationAnswer> register_broker(const RegistrationAtNameServer& incoming) override;
  void unregister_broker(std::string_view cluster, std::string_view broker_name, std::int64_t broker_id,
                         std::string_view broker_address) override;
  std::optional<DataVersion> broker_heartbeat(std::string_view cluster, std::string_view broker_address) override;
  void channel_closed(const ClientChannel& channel) override;
  Result<TopicRoute> route_of(std::string_view topic) const override;
  ClusterInfo cluster_info() const override;
  std::vector<std::string> topics(std::string_view cluster_or_empty_for_all) const override;
  void remove_topic(std::string_view topic, std::string_view cluster_or_empty_for_all) override;
  void put_topic(std::string_view topic, const std::vector<QueueRoute>& queues) override;
  std::int32_t set_broker_writable(std::string_view broker_name, bool writable) override;

 private:
  struct Broker {
    std::string cluster, broker_name, ha_address;
    std::int64_t id = 0;
    DataVersion version;
    std::shared_ptr<ClientChannel> channel;
  };
  bool is_known(std::string_view broker_name) const;
  std::map<std::int64_t, std::string> addresses_of(std::string_view broker_name) const;
  void forget_topics_of(const std::string& broker_name);
  void enter(const std::string& address, Broker broker);

  mutable std::mutex mutex_;
  std::map<std::string, Broker, std::less<>> brokers_;                            ///< By address.
  std::map<std::string, std::map<std::string, QueueRoute>, std::less<>> topics_;  ///< By topic and broker name.
};

}  // namespace tenon::testing
