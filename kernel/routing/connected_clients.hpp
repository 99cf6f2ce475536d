// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <map>
#include <memory>
#include <set>
#include <shared_mutex>
#include <unordered_map>

#include "routing/clock.hpp"
#include "routing/consumer_group.hpp"
#include "routing/name_map.hpp"
#include "tenon/client_registry.hpp"
#include "tenon/groups.hpp"
#include "tenon/log.hpp"

namespace tenon::kernel {

class ConsumerFilters;
class TopicTable;

/// Who is connected, in which groups. Source: RocketMQ ConsumerManager, ProducerManager, ClientManageProcessor;
/// broker-semantics.md 5.1 to 5.3.
/// Threads: any. Channels are called (notified, closed) without the lock.
class ConnectedClients final : public ClientRegistry {
 public:
  static constexpr std::int64_t kExpiryMs = 120'000;
  /// A connection that claims more groups than this gets no further ones.
  static constexpr std::size_t kGroupsPerChannelMax = 10'000;
  /// A connection has one client id, or a few where clients share it; what claims more is not a producer under them.
  static constexpr std::size_t kProducerIdsPerChannelMax = 100;
  static constexpr std::size_t kGroupNameMax = 255;
  static constexpr std::size_t kClientIdMax = 1'024;

  ConnectedClients(Groups& groups, TopicTable& topics, const FilterCompilers& compilers, ConsumerFilters& filters,
                   WallClock now, Logger log);

  void heartbeat(Heartbeat heartbeat, HeartbeatDone done) override;
  void unregister(const ClientIdentity& client, std::string_view producer_group,
                  std::string_view consumer_group) override;
  void channel_closed(const ClientChannel& channel) override;
  std::vector<std::string> consumer_ids(std::string_view group) const override;
  std::optional<ConsumerGroupState> consumer_group(std::string_view group) const override;
  std::vector<std::string> consumer_groups() const override;
  std::vector<ClientConnection> producers(std::string_view group) const override;
  std::vector<std::string> producer_groups() const override;
  std::shared_ptr<ClientChannel> producer_channel(std::string_view client_id) const override;

  /// For the pull path: the group's message model and its subscription to the topic, if it has one. Empty when no
  /// member of the group is connected.
  struct PullSubscription {
    MessageModel message_model;
    RegisteredSubscriptionPtr subscription;
  };
  std::optional<PullSubscription> find_subscription(std::string_view group, std::string_view topic) const;

  /// Closes and forgets connections that were silent for kExpiryMs. Called by a timer every 10 s.
  void scan();

 private:
  using ChannelPtr = std::shared_ptr<ClientChannel>;
  using ProducerGroup = std::unordered_map<const ClientChannel*, ClientConnection>;
  /// The groups a channel is in, so that its end need not search them all.
  struct Memberships {
    std::set<std::string, std::less<>> consumers, producers;
    std::set<std::string> producer_ids;  ///< Client ids that lead to this channel.
    std::size_t count() const noexcept { return consumers.size() + producers.size(); }
  };
  struct Notification {
    std::string group;
    std::vector<ChannelPtr> channels;
  };
  struct RetryTopics;

  void create_retry_topics(const std::shared_ptr<Heartbeat>& heartbeat, std::function<void()> done);
  HeartbeatOutcome register_all(const Heartbeat& heartbeat);
  void register_consumer(const Heartbeat& heartbeat, const ConsumerRegistration& registration,
                         std::vector<Notification>& notifications, HeartbeatOutcome& outcome);
  void register_producers(const Heartbeat& heartbeat);
  bool may_join(const ClientChannel* channel) const;
  bool is_order_group(const ConsumerRegistration& registration) const;
  void leave_consumer_group(std::string_view group, const ClientChannel* channel,
                            std::vector<Notification>& notifications);
  void leave_producer_group(std::string_view group, const ClientChannel* channel);
  void forget_producer_ids(const ClientChannel* channel, Memberships& memberships);
  void prepare_notification(const std::string& name, const ConsumerGroup& group, std::vector<Notification>& out) const;
  static void notify(const std::vector<Notification>& notifications);

  Groups& groups_;
  TopicTable& topics_;
  const FilterCompilers& compilers_;
  ConsumerFilters& filters_;
  const WallClock now_;
  const Logger log_;

  mutable std::shared_mutex mutex_;
  NameMap<ConsumerGroup> consumers_;
  NameMap<ProducerGroup> producers_;
  NameMap<std::map<const ClientChannel*, ChannelPtr>> producer_channels_;  ///< By client id.
  NameMap<std::int32_t> fingerprints_;                                     ///< Last one by group, Heartbeat V2.
  std::unordered_map<const ClientChannel*, Memberships> memberships_;
};

}  // namespace tenon::kernel
