// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <shared_mutex>
#include <string>
#include <string_view>
#include <vector>

#include "namesrv/route_registration.hpp"
#include "namesrv/route_state.hpp"
#include "tenon/route_table.hpp"

namespace tenon::namesrv {

/// The name server's tables behind one reader/writer lock.
///
/// Threads: any. No call is made out of the lock: channels are closed by the caller of expire().
/// Nothing is kept on disk; brokers register again every 30 s.
class RouteTableEngine final : public RouteTable {
 public:
  struct Settings {
    RegistrationPolicy registration;
    bool order_message_enable = false;  ///< Routes carry orderTopicConf.
    bool return_order_topic_config_to_broker = true;
  };
  using Clock = std::function<std::int64_t()>;  ///< ms since the epoch.
  /// A broker has registered as the master of a name whose master, at `former`, lives as far as is known: two brokers
  /// may think that they are. Outside of the lock; once a minute and name at most.
  using TwoMasters =
      std::function<void(std::string_view broker_name, const std::string& former, const std::string& now)>;

  /// `order_config` must outlive the table.
  RouteTableEngine(Settings settings, const KeyValueConfig& order_config, Clock clock);

  /// Before anybody registers.
  void on_two_masters(TwoMasters told) { two_masters_ = std::move(told); }
  /// Removes brokers whose time is over and returns their connections, which the caller closes.
  std::vector<std::shared_ptr<ClientChannel>> expire();

  Result<RegistrationAnswer> register_broker(const RegistrationAtNameServer& registration) override;
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
  bool is_worth_saying(const BrokerRegistration& registration, const std::string& former, const std::string& now);
  template <class Predicate>
  std::vector<std::shared_ptr<ClientChannel>> remove_live_if(Predicate predicate);

  const Settings settings_;
  const KeyValueConfig& order_config_;
  const Clock clock_;
  mutable std::shared_mutex mutex_;
  RouteState state_;
  TwoMasters two_masters_;
  std::map<std::string, std::int64_t, std::less<>> two_masters_said_;  ///< When, in ms, by broker name; of a minute.
};

/// Namespace of the key-value configuration that holds "broker-a:4;broker-b:4" by topic.
inline constexpr std::string_view kOrderTopicNamespace = "ORDER_TOPIC_CONFIG";

}  // namespace tenon::namesrv
