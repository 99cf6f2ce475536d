// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <boost/container/flat_set.hpp>
#include <boost/container/small_vector.hpp>
#include <cstdint>
#include <forward_list>
#include <memory>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "mqtt/packet.hpp"
#include "protocol-mqtt/engine/inbound_ids.hpp"
#include "protocol-mqtt/engine/outbound.hpp"

namespace tenon::protocol_mqtt {

class Link;
class Session;
class ShareGroup;
struct FilterSubscriptions;

/// One subscription of a session; is owned by the session, pointed at from the tree of filters.
struct Subscription {
  Session* session = nullptr;
  FilterSubscriptions* of_filter = nullptr;  ///< The filter; of a shared one: what stands behind the share's name.
  ShareGroup* group = nullptr;               ///< Set for a shared one.
  std::uint32_t position = 0;                ///< In the list of the filter or of the group.
  std::uint32_t identifier = 0;              ///< 0: none.
  mqtt::SubscriptionOptions options;

  /// As the client wrote it.
  std::string_view filter() const noexcept;
  std::span<const std::uint32_t> identifiers() const noexcept { return {&identifier, identifier == 0 ? 0U : 1U}; }
};

/// Compares by filter; for Session::subscriptions.
struct ByFilter {
  using is_transparent = void;
  static std::string_view filter_of(const std::unique_ptr<Subscription>& subscription) {
    return subscription->filter();
  }
  static std::string_view filter_of(std::string_view filter) { return filter; }
  bool operator()(const auto& a, const auto& b) const { return filter_of(a) < filter_of(b); }
};

/// What the journal knows of a session.
enum class Noted : std::uint8_t { nothing, will, everything };

/// What is published when the client is gone.
struct SessionWill {
  OwnedMessage message;  ///< Its expiry is an interval until it is published.
  std::uint32_t delay_s = 0;
  bool retain = false;
};

/// What the server keeps of a client, connected or not: MQTT 5.0 section 4.1. Limits and aliases belong to the
/// connection, see Link. There may be a million of them: what few sessions have lies behind a pointer.
/// Ownership: the engine's table; Subscription, Link and pending stores point here. Threads: the engine's.
class Session : public std::enable_shared_from_this<Session> {
 public:
  explicit Session(std::string_view id) : client_id(id) {}

  /// Outlives its connection.
  bool kept() const noexcept { return expiry_s > 0; }
  /// What the journal shall know: all of a kept one, else the will, since somebody must hear when the client does not
  /// come back after a crash.
  Noted to_be_noted() const noexcept {
    if (kept()) return Noted::everything;
    return will ? Noted::will : Noted::nothing;
  }
  bool online() const noexcept { return link != nullptr; }
  /// nullptr when there is no subscription to this filter.
  Subscription* find_subscription(std::string_view filter) {
    const auto found = subscriptions.find(filter);
    return found == subscriptions.end() ? nullptr : found->get();
  }
  /// Made by Engine::outbound(); there must be one.
  Outbound& outbound() noexcept { return *outbound_; }
  /// nullptr while nothing was ever on its way.
  Outbound* outbound_if_any() noexcept { return outbound_.get(); }
  const Outbound* outbound_if_any() const noexcept { return outbound_.get(); }
  Outbound& make_outbound(WaitingMemory& memory) {
    if (!outbound_) outbound_ = std::make_unique<Outbound>(memory);
    return *outbound_;
  }
  void drop_outbound() noexcept { outbound_.reset(); }
  /// Not of a kept session: the journal counts on its numbers.
  void release_idle_memory() noexcept {
    if (!kept() && outbound_ && outbound_->idle()) outbound_.reset();
  }

  const std::string client_id;
  std::string user_name;
  Link* link = nullptr;
  boost::container::small_flat_set<std::unique_ptr<Subscription>, 1, ByFilter> subscriptions;
  std::forward_list<std::shared_ptr<ShareGroup>> groups;
  InboundIds inbound;
  std::unique_ptr<SessionWill> will;
  std::int64_t disconnected_at_ms = 0;               ///< 0 while online.
  std::int64_t will_due_ms = 0, expires_due_ms = 0;  ///< Entries in the engine's timers; 0: none.
  std::uint32_t expiry_s = 0;
  std::uint32_t filter_bytes = 0;  ///< Of all subscriptions.

  // Scratch of a dispatch: whether this session stands among its targets already, and where.
  std::uint64_t match_epoch = 0;
  std::uint32_t match_position = 0;

  // What changed since the last report to the journal.
  bool changed = false, subscriptions_changed = false;
  Noted noted = Noted::nothing;

 private:
  std::unique_ptr<Outbound> outbound_;
};

/// Compares by client id; for the engine's table.
struct ByClientId {
  using is_transparent = void;
  static std::string_view id_of(const std::shared_ptr<Session>& session) { return session->client_id; }
  static std::string_view id_of(std::string_view id) { return id; }
  bool operator()(const auto& a, const auto& b) const { return id_of(a) < id_of(b); }
};
using Sessions = std::set<std::shared_ptr<Session>, ByClientId>;

/// The plain subscriptions and the groups of one filter.
struct FilterSubscriptions {
  std::string_view filter;
  boost::container::small_vector<Subscription*, 1> plain;
  std::forward_list<std::shared_ptr<ShareGroup>> groups;
  bool empty() const noexcept { return plain.empty() && groups.empty(); }
};

/// The sessions that share a subscription "$share/<name>/<filter>", and what waits for any of them.
class ShareGroup : public std::enable_shared_from_this<ShareGroup> {
 public:
  ShareGroup(std::uint32_t id, std::string_view text, FilterSubscriptions& of_filter, WaitingMemory& memory)
      : waiting(memory), of_filter_(of_filter), text_(text), id_(id) {}
  /// Never 0, never used again.
  std::uint32_t id() const noexcept { return id_; }
  /// "$share/<name>/<filter>"
  std::string_view text() const noexcept { return text_; }
  FilterSubscriptions& of_filter() const noexcept { return of_filter_; }

  std::vector<Subscription*> members;
  WaitingQueue waiting;
  /// Number of waiting.front() in the sequence of everything that waits here; goes back when something is given back.
  std::uint64_t waiting_first = std::uint64_t{1} << 32;
  /// The journal knows the numbers from the first up to the second.
  std::uint64_t noted_from = waiting_first, noted_to = waiting_first;
  bool changed = false, noted = false;

  /// Members whose session outlives the process: as long as there is one, the group does.
  std::uint32_t kept_members = 0;
  /// Places of QoS 1 messages under way to members whose session does not: after `kill -9` another member gets them.
  std::set<PhysicalOffset> lent;
  /// Places that came into `lent` or went since the journal was told.
  std::set<PhysicalOffset> lent_changes;

  void lend(PhysicalOffset place) {
    lent.insert(place);
    lent_changes.insert(place);
  }
  /// False when it was not lent.
  bool settle(PhysicalOffset place) {
    if (lent.erase(place) == 0) return false;
    lent_changes.insert(place);
    return true;
  }

  Delivery take_waiting() {
    ++waiting_first;
    noted_from = std::max(noted_from, waiting_first);
    noted_to = std::max(noted_to, waiting_first);
    return waiting.pop_front();
  }
  void give_back(Delivery delivery) {
    --waiting_first;
    waiting.push_front(std::move(delivery));
  }

  std::size_t turn = 0;  ///< Round robin over the members.

 private:
  FilterSubscriptions& of_filter_;
  const std::string text_;
  const std::uint32_t id_;
};

inline std::string_view Subscription::filter() const noexcept { return group ? group->text() : of_filter->filter; }

}  // namespace tenon::protocol_mqtt
