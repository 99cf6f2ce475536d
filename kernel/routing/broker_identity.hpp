// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <atomic>
#include <mutex>

#include "routing/broker_config.hpp"
#include "routing/role_keeper.hpp"
#include "tenon/broker_identity.hpp"
#include "tenon/route_registrar.hpp"

namespace tenon::kernel {

/// The broker's identity; its address is the one that the registrar advertises, asked once. Threads: any.
class ConfiguredIdentity final : public BrokerIdentity {
 public:
  ConfiguredIdentity(const BrokerConfig& config, const RoleKeeper& role, std::int64_t boot_ms)
      : config_(config), role_(role), boot_ms_(boot_ms) {}

  void wire(RouteRegistrar* registrar) { registrar_ = registrar; }

  std::string_view cluster() const noexcept override { return config_.cluster; }
  std::string_view broker_name() const noexcept override { return config_.name; }
  std::int64_t broker_id() const noexcept override { return role_.broker_id(); }
  std::int64_t boot_timestamp_ms() const noexcept override { return boot_ms_; }
  /// 0.0.0.0:0 while the registrar does not know its own yet, or without one.
  HostAddress advertised_address() const override;
  std::vector<std::pair<std::string, std::string>> settings() const override;

 private:
  const BrokerConfig& config_;
  const RoleKeeper& role_;
  const std::int64_t boot_ms_;
  RouteRegistrar* registrar_ = nullptr;
  mutable std::mutex mutex_;
  mutable HostAddress address_;  ///< Written once, before known_.
  mutable std::atomic<bool> known_{false};
};

}  // namespace tenon::kernel
