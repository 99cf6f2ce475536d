// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <deque>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "mqtt/packet.hpp"
#include "protocol-mqtt/engine/session.hpp"
#include "tenon/offsets.hpp"

/// The records of the session journal: what a batch in the topic rmq_sys_mqtt_session is made of.
///
/// A batch is the body of one message: records back to back, each a type byte, a 32-bit length and fields. Integers
/// are big-endian, strings have a 32-bit length. Every record replaces what an earlier one of the same kind and name
/// said, so reading twice, or from too early a place, changes nothing. Unknown types are skipped by their length.
/// The layout is described in README.md.
namespace tenon::protocol_mqtt {

inline constexpr std::string_view kSessionTopic = "rmq_sys_mqtt_session";

enum class SessionRecord : std::uint8_t {
  session = 1,        ///< Everything of a session but subscriptions and waiting messages.
  subscriptions = 2,  ///< All of them.
  waiting = 3,        ///< One message more that waits.
  ended = 4,
  retained = 5,
  not_retained = 6,
  queue = 7,        ///< How far a queue was dispatched.
  queues_void = 8,  ///< Nobody needs to know how far queues were dispatched: no session is kept.
  group = 9,        ///< What waits for a shared subscription begins at this number; nothing before it waits any more.
  group_waiting = 10,  ///< One message that waits for a shared subscription.
  group_ended = 11,
  // A batch that is longer than a message should be is cut into parts, each the only record of its message. It counts
  // when its last part is there.
  part_first = 12,
  part = 13,
  part_last = 14,
  checkpoint = 15,     ///< What follows is everything: whatever was said before is void.
  group_lent = 16,     ///< A message of a shared subscription is under way to a session that ends with the process.
  group_settled = 17,  ///< It is not any more.
};

void put_session(std::string& out, const Session& session);
void put_subscriptions(std::string& out, const Session& session);
void put_waiting(std::string& out, Session& session, std::uint64_t number, const Delivery& delivery);
void put_ended(std::string& out, std::string_view client_id);
void put_retained(std::string& out, const OwnedMessage& message);
void put_not_retained(std::string& out, std::string_view topic);
void put_queue(std::string& out, std::string_view topic, std::int32_t queue_id, QueueOffset next);
void put_queues_void(std::string& out);
void put_group(std::string& out, const ShareGroup& group);
void put_group_waiting(std::string& out, const ShareGroup& group, std::uint64_t number, const Delivery& delivery);
/// `kind`: group_lent or group_settled.
void put_group_lent(std::string& out, SessionRecord kind, const ShareGroup& group, PhysicalOffset place);
void put_group_ended(std::string& out, std::string_view shared_filter);
/// `kind`: one of the three for parts.
void put_part(std::string& out, SessionRecord kind, std::string_view bytes);
void put_checkpoint(std::string& out);

/// A delivery as it was noted, with its own list of subscription identifiers.
struct NotedDelivery {
  Delivery delivery;
  std::vector<std::uint32_t> identifiers;
};
struct NotedInflight {
  NotedDelivery noted;
  std::uint16_t packet_id = 0;
  bool received = false;
};
struct NotedSubscription {
  std::string filter;
  mqtt::SubscriptionOptions options;
  std::uint32_t identifier = 0;
};
/// What the journal says of one session.
struct NotedSession {
  std::string user_name;
  std::uint32_t expiry_s = 0;
  std::int64_t disconnected_at_ms = 0;
  std::shared_ptr<const SessionWill> will;
  std::uint16_t last_packet_id = 0;
  std::uint64_t waiting_first = 0;
  std::vector<NotedInflight> inflight;
  std::vector<InboundId> inbound;
  std::vector<NotedSubscription> subscriptions;
  std::map<std::uint64_t, NotedDelivery> waiting;
};

/// The state that the records of a journal add up to.
struct NotedState {
  std::map<std::string, NotedSession, std::less<>> sessions;
  std::map<std::string, OwnedMessagePtr, std::less<>> retained;
  std::map<std::pair<std::string, std::int32_t>, QueueOffset> queues;
  bool queues_known = false;
  /// Deliveries by number, by the text of the shared subscription.
  std::map<std::string, std::map<std::uint64_t, Delivery>, std::less<>> groups;
  /// Places by the text of the shared subscription.
  std::map<std::string, std::set<PhysicalOffset>, std::less<>> lent;
  bool has_checkpoint = false;       ///< All of it stands on a record that said everything.
  std::optional<std::string> parts;  ///< Of a batch whose last part is still to come.

  /// Applies a batch. False when it is damaged: what stood before the damage counts.
  bool apply(std::string_view batch);
};

}  // namespace tenon::protocol_mqtt
