// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <map>
#include <memory>
#include <string>
#include <unordered_map>
#include <vector>

#include "routing/filter_compilers.hpp"
#include "tenon/client_registry.hpp"

namespace tenon::kernel {

/// A subscription with its filter, compiled when it was registered; that of another type than TAG is in
/// ConsumerFilters. Immutable.
struct RegisteredSubscription {
  Subscription subscription;
  Result<FilterPtr> filter;
};
using RegisteredSubscriptionPtr = std::shared_ptr<const RegisteredSubscription>;

/// One consumer group as its heartbeats describe it. Source: RocketMQ ConsumerGroupInfo; broker-semantics.md 5.2.
/// Threads: guarded by the owner.
class ConsumerGroup {
 public:
  /// True if the connection is new in the group.
  bool add_member(const ClientIdentity& client, std::int64_t now_ms);
  /// True if the connection was in the group.
  bool remove_member(const ClientChannel* channel);
  void set_attributes(const ConsumerRegistration& registration);
  /// Replaces the table by what the heartbeat lists. True if a topic was added or removed; a newer version of a known
  /// one replaces it, but is no change.
  bool update_subscriptions(const std::vector<Subscription>& subscriptions, const FilterCompilers& compilers);

  bool empty() const noexcept { return members_.empty(); }
  bool has_subscriptions() const noexcept { return !subscriptions_.empty(); }
  MessageModel message_model() const noexcept { return message_model_; }
  RegisteredSubscriptionPtr subscription(std::string_view topic) const;
  std::vector<std::shared_ptr<ClientChannel>> channels() const;
  std::vector<std::string> client_ids() const;
  ConsumerGroupState state() const;
  /// Channels that were last heard of before `before_ms`.
  void collect_expired(std::int64_t before_ms, std::vector<std::shared_ptr<ClientChannel>>& out) const;

 private:
  std::unordered_map<const ClientChannel*, ClientConnection> members_;
  std::map<std::string, RegisteredSubscriptionPtr, std::less<>> subscriptions_;
  ConsumeType consume_type_ = ConsumeType::passively;
  MessageModel message_model_ = MessageModel::clustering;
  ConsumeFromWhere consume_from_where_ = ConsumeFromWhere::last_offset;
};

}  // namespace tenon::kernel
