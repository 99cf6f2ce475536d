// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "tenon/capability.hpp"
#include "tenon/error.hpp"
#include "tenon/host_address.hpp"
#include "tenon/topics.hpp"

namespace tenon {

/// What a broker tells a name server.
struct BrokerRegistration {
  std::string cluster;
  std::string broker_name;
  std::int64_t broker_id = 0;
  HostAddress broker_address;
  HostAddress ha_address;
  DataVersion version;
  std::vector<std::shared_ptr<const TopicConfig>> topics;
  /// True: all topics of the broker. False: only those that changed.
  bool complete = true;
  /// After so long without news of this broker a name server forgets it. 0: after the name server's own time, 120 s,
  /// the only one that RocketMQ 4 knows.
  std::chrono::milliseconds not_active_timeout{0};
};

/// What a name server answers to a registration.
struct RegistrationAnswer {
  std::string master_address;  ///< For slaves; empty for a master, and while there is none.
  std::string ha_server_address;
  std::map<std::string, std::string> order_topic_config;
};

/// Speaks to name servers on behalf of the broker. Offered by a protocol plug-in; the kernel's name-server link decides
/// what to say and when. Threads: any; `done` runs on a thread of the provider and must not block.
class TENON_EXPORT RouteRegistrar : public Capability {
 public:
  static constexpr CapabilityId kId{"tenon.route-registrar", 4};
  using Registered = std::function<void(Result<RegistrationAnswer>)>;
  using Done = std::function<void(Status)>;
  /// "host:port" of a master; empty: none is known.
  using Found = std::function<void(Result<std::string>)>;
  /// True: what the name server holds is current.
  using Checked = std::function<void(Result<bool>)>;

  /// The address that clients shall use for this broker. Valid after the provider's start().
  virtual HostAddress advertised_address() const = 0;
  /// `name_server` is "host:port"; a host name is resolved each time. Large bodies are compressed.
  virtual void register_broker(std::string_view name_server, const BrokerRegistration& registration,
                               std::chrono::milliseconds timeout, Registered done) = 0;
  virtual void unregister_broker(std::string_view name_server, const BrokerRegistration& registration,
                                 std::chrono::milliseconds timeout, Done done) = 0;
  /// Says that this broker lives, and asks whether the name server has this version of its topics. Sends no topics.
  virtual void check_registration(std::string_view name_server, const BrokerRegistration& registration,
                                  std::chrono::milliseconds timeout, Checked done) = 0;
  /// Asks which broker is the master (id 0) of this broker name.
  virtual void find_master(std::string_view name_server, std::string_view broker_name,
                           std::chrono::milliseconds timeout, Found done) = 0;
};

}  // namespace tenon
