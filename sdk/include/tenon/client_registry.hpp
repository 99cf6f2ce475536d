// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "tenon/capability.hpp"
#include "tenon/client_channel.hpp"
#include "tenon/error.hpp"

namespace tenon {

enum class ConsumeType { actively, passively, pop };
enum class MessageModel { broadcasting, clustering };
enum class ConsumeFromWhere {
  last_offset,
  last_offset_and_from_min_when_boot_first,
  min_offset,
  max_offset,
  first_offset,
  timestamp,
};

/// One topic of a group's subscription, as a heartbeat or a pull states it.
struct Subscription {
  std::string topic;
  std::string expression = "*";
  std::string expression_type = "TAG";
  std::int64_t version = 0;      ///< subVersion: larger replaces smaller.
  std::set<std::string> tags;    ///< As the client sent them; for display.
  std::set<std::int32_t> codes;  ///< As the client sent them; for display.
  bool class_filter_mode = false;
};

/// Membership of one consumer group, as a heartbeat states it.
struct ConsumerRegistration {
  std::string group;
  ConsumeType consume_type = ConsumeType::passively;
  MessageModel message_model = MessageModel::clustering;
  ConsumeFromWhere consume_from_where = ConsumeFromWhere::last_offset;
  std::vector<Subscription> subscriptions;
  bool unit_mode = false;
};

/// Who is talking: one connection may carry several client ids, one client id may have several connections.
struct ClientIdentity {
  std::string client_id;
  std::string language;      ///< "JAVA", "GO", "MQTT", ...
  std::int32_t version = 0;  ///< RocketMQ version ordinal, 0 if it has none.
  std::shared_ptr<ClientChannel> channel;
};

/// What a client says about itself every 30 s. Source: RocketMQ HeartbeatData.java.
struct Heartbeat {
  ClientIdentity client;
  std::vector<std::string> producer_groups;
  std::vector<ConsumerRegistration> consumers;
  bool without_subscriptions = false;  ///< Heartbeat V2: refresh only, keep the stored subscriptions.
  std::int32_t fingerprint = 0;        ///< Heartbeat V2: of the client's subscriptions; 0 for a heartbeat of version 1.
};
struct HeartbeatOutcome {
  /// Heartbeat V2: the broker has other subscriptions than the fingerprint says, so the next one must carry them.
  bool subscription_changed = true;
};

/// A connection as the registry knows it. Ownership: shares the channel, which may be closed by now.
struct ClientConnection {
  ClientIdentity client;
  std::int64_t last_update_timestamp_ms = 0;  ///< Of its last heartbeat; ms since the epoch.
};
/// A group with at least one connected member, as the heartbeats of its members describe it.
struct ConsumerGroupState {
  ConsumeType consume_type = ConsumeType::passively;
  MessageModel message_model = MessageModel::clustering;
  ConsumeFromWhere consume_from_where = ConsumeFromWhere::last_offset;
  std::vector<Subscription> subscriptions;
  std::vector<ClientConnection> connections;
};

/// Who is connected, in which groups. Offered by the kernel. State is in memory only, keyed by (group, channel).
///
/// A connection that is silent for two minutes is closed and leaves its groups. What one connection may register is
/// bounded; what goes beyond is left out, without an error.
/// Threads: any. Members of ClientChannel are called without a lock of the registry. Ownership: keeps the channel of a
/// client until it leaves, is closed or is silent for too long.
class TENON_EXPORT ClientRegistry : public Capability {
 public:
  static constexpr CapabilityId kId{"tenon.client-registry", 1};
  using HeartbeatDone = std::function<void(Result<HeartbeatOutcome>)>;

  /// Registers producers and consumers, creates `%RETRY%group`, notifies the members of changed groups. `done` runs
  /// when all of that is visible to other connections and new topics were announced to the name servers: answer only
  /// then. Usually inline; else on the channel's executor.
  virtual void heartbeat(Heartbeat heartbeat, HeartbeatDone done) = 0;
  /// The client leaves the named groups (either may be empty).
  virtual void unregister(const ClientIdentity& client, std::string_view producer_group,
                          std::string_view consumer_group) = 0;
  /// The connection has ended: its members leave all groups, the others are notified.
  virtual void channel_closed(const ClientChannel& channel) = 0;

  virtual std::vector<std::string> consumer_ids(std::string_view group) const = 0;
  /// Empty when no member is connected.
  virtual std::optional<ConsumerGroupState> consumer_group(std::string_view group) const = 0;
  virtual std::vector<std::string> consumer_groups() const = 0;
  virtual std::vector<ClientConnection> producers(std::string_view group) const = 0;
  virtual std::vector<std::string> producer_groups() const = 0;
  /// The channel of a registered producer by client id; for replies. nullptr if there is none.
  virtual std::shared_ptr<ClientChannel> producer_channel(std::string_view client_id) const = 0;
};

}  // namespace tenon
