// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "tenon/capability.hpp"
#include "tenon/host_address.hpp"

namespace tenon {

/// Who this broker is. Offered by the kernel. Threads: any; constant after start(), but for the id of a slave that
/// becomes the master.
class TENON_EXPORT BrokerIdentity : public Capability {
 public:
  static constexpr CapabilityId kId{"tenon.broker-identity", 1};

  virtual std::string_view cluster() const noexcept = 0;
  virtual std::string_view broker_name() const noexcept = 0;
  virtual std::int64_t broker_id() const noexcept = 0;  ///< 0 = master
  /// The address that clients are told, and the store host of records. Known when all plug-ins have started.
  virtual HostAddress advertised_address() const = 0;
  virtual std::int64_t boot_timestamp_ms() const noexcept = 0;
  /// The settings of the broker that RocketMQ has a name for, under that name ("autoCreateTopicEnable", "true"): what
  /// tools show. The default has none, for tests.
  virtual std::vector<std::pair<std::string, std::string>> settings() const;
};

}  // namespace tenon
