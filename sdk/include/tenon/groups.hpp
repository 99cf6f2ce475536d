// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "tenon/capability.hpp"
#include "tenon/error.hpp"
#include "tenon/topics.hpp"

namespace tenon {

/// Configuration of a consumer group; the members are those of RocketMQ's SubscriptionGroupConfig, with its defaults.
struct SubscriptionGroupConfig {
  std::string name;
  bool consume_enable = true;
  bool consume_from_min_enable = true;
  bool consume_broadcast_enable = true;
  bool consume_message_orderly = false;
  bool notify_consumer_ids_changed_enable = true;
  std::int32_t retry_queue_nums = 1;
  std::int32_t retry_max_times = 16;
  std::int32_t consume_timeout_minutes = 15;
  std::int32_t group_sys_flag = 0;
  std::int64_t broker_id = 0;
  std::int64_t which_broker_when_consume_slowly = 1;
  std::string group_retry_policy_json =
      R"({"type":"CUSTOMIZED"})";  ///< Kept as it came; only RocketMQ's proxy reads it.
  std::map<std::string, std::string> attributes;

  friend bool operator==(const SubscriptionGroupConfig&, const SubscriptionGroupConfig&) = default;
};

/// The broker's consumer groups. Offered by the kernel. Threads: any.
class TENON_EXPORT Groups : public Capability {
 public:
  static constexpr CapabilityId kId{"tenon.groups", 1};

  /// nullptr if there is no such group; never creates one.
  virtual std::shared_ptr<const SubscriptionGroupConfig> find(std::string_view group) const = 0;
  /// The group, created when the configuration allows it and the name is valid; else nullptr.
  virtual std::shared_ptr<const SubscriptionGroupConfig> find_or_create(std::string_view group) = 0;
  virtual std::vector<std::shared_ptr<const SubscriptionGroupConfig>> list() const = 0;
  /// Of the whole table; changes with every put(), remove() and creation.
  virtual DataVersion version() const = 0;
  /// Creates or replaces a group. Waits until the change is on disk, as remove() does: do not call either on a thread
  /// that serves sockets. Errors: invalid_parameter (the name), service_not_available (not the master), io.
  virtual Status put(SubscriptionGroupConfig config) = 0;
  /// Removes a group, and with `clean_offsets` its consumer offsets; success if there is none. Errors: those of put().
  virtual Status remove(std::string_view group, bool clean_offsets) = 0;
};

}  // namespace tenon
