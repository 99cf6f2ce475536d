// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <boost/asio/any_io_executor.hpp>
#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <string_view>

#include "tenon/capability.hpp"
#include "tenon/error.hpp"
#include "tenon/message_store.hpp"

namespace tenon {

/// What a consumer asks for: messages of one queue. Ownership: views borrow until pull() returns.
struct PullRequest {
  std::string_view group;
  std::string_view topic;
  std::int32_t queue_id = 0;
  QueueOffset offset;
  std::int32_t max_messages = 32;
  /// If set, this offset is committed for the group as soon as the request has passed its checks, whatever the outcome.
  std::optional<QueueOffset> commit_offset;
  /// > 0: if nothing is there yet, wait that long for it (long polling).
  std::chrono::milliseconds suspend_timeout{0};
  /// True: `expression` stands in this request and no heartbeat is needed. False: the group's registered subscription.
  bool has_subscription = false;
  std::string_view expression = "*";
  std::string_view expression_type = "TAG";
  std::int64_t subscription_version = 0;
  /// in_memory for those who take the records apart, such as a protocol with a format of its own.
  ReadForm form = ReadForm::any;
};

enum class PullStatus {
  found,
  not_found,          ///< Nothing new at this offset; answered after the wait.
  retry_immediately,  ///< Messages exist but none matched: go on at next_offset.
  offset_moved,       ///< The offset is outside the queue, or was reset: go on at next_offset.
};

struct PullOutcome {
  PullStatus status = PullStatus::not_found;
  /// What the store or the reset said, in RocketMQ's words ("FOUND", "OFFSET_OVERFLOW_ONE", "OFFSET_RESET"). A literal.
  std::string_view detail;
  ReadResult read;                     ///< Records and the three offsets.
  std::int64_t suggest_broker_id = 0;  ///< Where the client should pull next: 0 the master, above 0 that slave.
  std::int32_t topic_sys_flag = 0;     ///< TopicConfig::sys_flag, as clients are told it.
  std::int32_t group_sys_flag = 0;     ///< SubscriptionGroupConfig::group_sys_flag, likewise.
};

/// Gets the outcome of pulls. Implemented by a protocol plug-in's connection.
class TENON_EXPORT PullCompletion {
 public:
  virtual ~PullCompletion();
  /// `token` is what pull() was called with. Runs inline in pull(), or later on executor(); must not call pull().
  virtual void pulled(std::uint64_t token, Result<PullOutcome> outcome) noexcept = 0;
  virtual boost::asio::any_io_executor executor() const = 0;
};

/// Gives messages out. Offered by the kernel.
/// Threads: any; a connection calls it from its own executor. Does not block; many pulls of one connection may wait at
/// once. A pull whose completion object is gone is forgotten. Errors: subscription_group_not_exist, no_permission,
/// topic_not_exist, invalid_parameter, subscription_not_exist, subscription_not_latest, subscription_parse_failed,
/// filter_data_not_latest, not_supported (no loaded plug-in compiles this type of expression), service_not_available,
/// busy.
class TENON_EXPORT Pulling : public Capability {
 public:
  static constexpr CapabilityId kId{"tenon.pulling", 1};

  virtual void pull(const PullRequest& request, const std::shared_ptr<PullCompletion>& completion,
                    std::uint64_t token) = 0;
};

}  // namespace tenon
