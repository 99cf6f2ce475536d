// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "mqtt/packet.hpp"
#include "protocol-mqtt/engine/outbound.hpp"

namespace tenon::protocol_mqtt {

class Link;
class Session;
class ShareGroup;
struct FilterSubscriptions;

/// One subscription of a session; lies in the session, is pointed at from the tree of filters.
struct Subscription {
  Session* session = nullptr;
  FilterSubscriptions* of_filter = nullptr;  ///< Set for a plain subscription.
  std::shared_ptr<ShareGroup> group;         ///< Set for a shared one.
  std::size_t position = 0;                  ///< In the list of the filter or of the group.
  std::uint32_t identifier = 0;              ///< 0: none.
  mqtt::SubscriptionOptions options;
};

/// A QoS 2 message of the client whose PUBREL has not come.
struct InboundId {
  std::uint16_t packet_id = 0;
  bool stored = false;       ///< False while the log has not confirmed it: no PUBREC yet.
  bool in_log = false;       ///< It was read back from the log: whatever happens, it must not be stored again.
  bool asked_again = false;  ///< The client has come back and sent it once more before it was confirmed.
};

/// What the server keeps of a client, connected or not: MQTT 5.0 section 4.1. Limits and aliases belong to the
/// connection, see Link. Ownership: the engine's table; Subscription, Link and pending stores point here. Threads: the
/// engine's.
class Session : public std::enable_shared_from_this<Session> {
 public:
  explicit Session(std::string_view id) : client_id(id) {}

  /// Outlives its connection.
  bool kept() const noexcept { return expiry_s > 0; }
  bool online() const noexcept { return link != nullptr; }
  InboundId* find_inbound(std::uint16_t packet_id) noexcept;
  void forget_inbound(std::uint16_t packet_id) noexcept;
  Outbound& outbound() {
    if (!outbound_) outbound_ = std::make_unique<Outbound>();
    return *outbound_;
  }
  /// nullptr while nothing was ever on its way.
  Outbound* outbound_if_any() noexcept { return outbound_.get(); }
  /// Not of a kept session: the journal counts on its numbers.
  void release_idle_memory() {
    if (!kept() && outbound_ && outbound_->idle()) outbound_.reset();
  }

  const std::string client_id;
  std::string user_name;
  std::uint32_t expiry_s = 0;
  Link* link = nullptr;
  std::map<std::string, Subscription, std::less<>> subscriptions;
  std::size_t filter_bytes = 0;  ///< Of all of them.
  std::vector<std::shared_ptr<ShareGroup>> groups;
  std::vector<InboundId> inbound;
  OwnedMessagePtr will;
  std::uint32_t will_delay_s = 0;
  bool will_retain = false;
  std::int64_t disconnected_at_ms = 0;               ///< 0 while online.
  std::int64_t will_due_ms = 0, expires_due_ms = 0;  ///< Entries in the engine's timers; 0: none.

  // Scratch of a dispatch: whether this session stands among its targets already, and where.
  std::uint64_t match_epoch = 0;
  std::size_t match_position = 0;

  // What changed since the last report to the journal.
  bool changed = false, subscriptions_changed = false;
  bool noted = false;  ///< The journal knows of this session.

 private:
  std::unique_ptr<Outbound> outbound_;
};

/// The plain subscriptions and the groups of one filter.
struct FilterSubscriptions {
  std::vector<Subscription*> plain;
  std::vector<std::shared_ptr<ShareGroup>> groups;
  bool empty() const noexcept { return plain.empty() && groups.empty(); }
};

/// The sessions that share a subscription "$share/<name>/<filter>", and what waits for any of them.
class ShareGroup {
 public:
  ShareGroup(std::string_view name, std::string_view filter) : name_(name), filter_(filter) {}
  const std::string& name() const noexcept { return name_; }
  const std::string& filter() const noexcept { return filter_; }

  std::vector<Subscription*> members;
  std::deque<Delivery> waiting;  ///< Without their group: they must not keep it alive.
  std::size_t turn = 0;          ///< Round robin over the members.

 private:
  const std::string name_, filter_;
};

}  // namespace tenon::protocol_mqtt
