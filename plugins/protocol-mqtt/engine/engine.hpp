// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "mqtt/packet.hpp"
#include "protocol-mqtt/engine/filter_tree.hpp"
#include "protocol-mqtt/engine/link_wheel.hpp"
#include "protocol-mqtt/engine/outside.hpp"
#include "protocol-mqtt/engine/retained_messages.hpp"
#include "protocol-mqtt/engine/session.hpp"
#include "protocol-mqtt/engine/settings.hpp"

namespace tenon::protocol_mqtt {

class Link;

/// How a connection ended, as far as will and session care.
enum class LinkEnd {
  normal,      ///< DISCONNECT 0: the will is dropped.
  with_will,   ///< DISCONNECT 4, a break, an error, a timeout.
  taken_over,  ///< The client has connected again.
  shutdown,    ///< We go: kept sessions go on after the restart, wills of theirs with them.
};

/// Sessions, subscriptions, retained messages and deliveries of an MQTT server, without sockets, files and clocks.
///
/// A publish walks: Link -> Outside::store() -> the log -> dispatch() -> sessions -> links. Everything that was stored
/// is dispatched from the log, in its order, whatever protocol it came by. Sessions whose state changed are listed, so
/// that a journal can note them before output leaves (take_changed()).
/// Threads: one; all members and everything reached from them.
class Engine {
 public:
  Engine(const EngineSettings& settings, Outside& outside);
  ~Engine();
  Engine(const Engine&) = delete;
  Engine& operator=(const Engine&) = delete;

  /// The outcome of Outside::store(): success, or a code that PUBACK has: the log does not have it.
  void stored(std::uint64_t token, mqtt::ReasonCode outcome);
  /// The log has it, but not as safe as was promised. It is not acknowledged; a QoS 2 message is not stored again when
  /// it comes again.
  void stored_unsafely(std::uint64_t token);
  /// A QoS 2 message that was held back at the start is safe now.
  void held_back_no_more(Session& session, InboundId& id);
  /// What Outside::authenticate() left open. The client may be gone by now.
  void judged(std::uint64_t token, mqtt::ReasonCode verdict);
  /// A message of the log for whom it concerns; a retained one is kept first. Throws, for want of memory, only before
  /// anybody has got it. What fails for one client fails its link.
  void dispatch(const Message& message);
  /// A message of the server itself ($SYS): not stored, QoS 0, retained as asked.
  void announce(std::string_view topic, std::string_view payload);
  /// To be called about once a second: keep-alive, session expiry, will delay.
  void tick();
  /// Ends all connections, kept sessions go on elsewhere or later; nothing is accepted any more.
  void shut_down(mqtt::ReasonCode reason = mqtt::ReasonCode::server_shutting_down,
                 std::string_view why = "the server is shutting down");

  bool has_subscriptions() const noexcept { return subscription_count_ > 0; }
  std::size_t subscription_count() const noexcept { return subscription_count_; }
  std::size_t shared_subscription_count() const noexcept { return shared_subscription_count_; }
  std::size_t connection_count() const noexcept { return link_count_; }
  /// Calls `visit(bytes)` for each connection that has not sent all of its output.
  void for_each_unsent(const std::function<void(std::size_t bytes)>& visit) const;
  /// By client id.
  const Sessions& sessions() const noexcept { return sessions_; }
  /// nullptr when there is none.
  Session* find_session(std::string_view client_id) const;
  RetainedMessages& retained() noexcept { return retained_; }
  const WaitingMemory& waiting_memory() const noexcept { return waiting_memory_; }
  EngineCounters& counters() noexcept { return counters_; }
  const EngineSettings& settings() const noexcept { return settings_; }
  Outside& outside() noexcept { return outside_; }
  /// Ends the client's connection and its session. False if there is no such client.
  bool kick(std::string_view client_id);

  // For links.
  void opened(Link& link);
  void closed(Link& link);
  /// The link's time to be looked at has changed.
  void watch(Link& link);
  /// A number for judged(), until forget_judgement().
  std::uint64_t begin_judgement(Link& link);
  void forget_judgement(std::uint64_t token) noexcept { judged_links_.erase(token); }
  /// Bytes of CONNECT packets whose clients are still proving who they are.
  std::size_t& login_bytes() noexcept { return login_bytes_; }
  std::string new_client_id();
  struct Admission {
    std::shared_ptr<Session> session;  ///< nullptr: no room.
    bool present = false;
  };
  /// Finds or makes the session; an older connection of the client is ended.
  Admission admit(std::string_view client_id, bool clean_start);
  void detach(Session& session, LinkEnd end);
  /// How long the session outlives its connection.
  void set_expiry(Session& session, std::uint32_t expiry_s);
  mqtt::ReasonCode subscribe(Session& session, const mqtt::SubscriptionRequest& request, std::uint32_t identifier);
  bool unsubscribe(Session& session, std::string_view filter);
  /// `heard`: some subscription wants the message.
  std::uint64_t begin_store(Link& link, std::uint16_t packet_id, std::uint8_t qos, bool heard);
  /// Whether a message of this name has a subscription, of whatever session.
  bool anybody_wants(std::string_view topic);
  /// The session's window has room: sends what waits for it.
  void pump(Session& session);
  /// The client has confirmed: frees the place in the window.
  void confirmed(Session& session, std::uint16_t packet_id);
  void resend(Session& session);

  // For the journal.
  /// Something of a kept session has changed.
  void touch(Session& session, bool with_subscriptions = false);
  /// The session begins or ends to be one that the journal knows of, or its will has changed.
  void touch_state(Session& session);
  std::vector<std::shared_ptr<Session>> take_changed();
  /// The groups whose queue has changed, those among them that have no members any more.
  std::vector<std::shared_ptr<ShareGroup>> take_changed_groups();
  /// By number; all that have members.
  const std::map<std::uint32_t, ShareGroup*>& groups() const noexcept { return groups_; }
  /// Puts a message back that waited for the group of this subscription; false when nobody has restored one.
  bool restore_waiting(std::string_view shared_filter, Delivery delivery);
  Session& restore_session(std::string_view client_id);
  void restore_subscription(Session& session, std::string_view filter, const mqtt::SubscriptionOptions& options,
                            std::uint32_t identifier);
  Outbound& outbound(Session& session) { return session.make_outbound(waiting_memory_); }
  /// After everything is restored: clocks of kept sessions begin.
  void restored();
  void end_session(Session& session);

 private:
  struct PendingStore {
    std::uint64_t link_id = 0;
    std::weak_ptr<Session> session;
    std::uint16_t packet_id = 0;
    std::uint8_t qos = 0;
    bool heard = true;
  };
  /// A session a message goes to, merged over the subscriptions that match.
  struct Target {
    Session* session = nullptr;
    std::uint8_t qos = 0;
    bool retain_as_published = false;
    std::vector<std::uint32_t> identifiers;
  };

  PendingStore take_pending(std::uint64_t token);
  Link* link_of(const PendingStore& pending) const;

  Subscription& add_subscription(Session& session, std::string_view filter);
  void remove_subscription(Subscription& subscription);
  void join_group(Subscription& subscription, std::string_view filter);
  void leave_group(Subscription& subscription);
  void send_retained(Session& session, const Subscription& subscription);

  void collect(Subscription& subscription, const Message& message, std::uint32_t& count);
  void deliver_or_fail(Session& session, const Message& message, Delivery delivery,
                       std::span<const std::uint32_t> identifiers) noexcept;
  void deliver(Session& session, const Message& message, Delivery delivery, std::span<const std::uint32_t> identifiers);
  void deliver_shared(ShareGroup& group, const Message& message);
  static bool has_room(const WaitingQueue& queue, std::size_t count_max);
  void enqueue(Session& session, const Message& message, Delivery delivery);
  bool window_open(Session& session);
  bool with_message(const Delivery& delivery, const std::function<void(const Message&)>& use);
  void start_delivery(Session& session, Delivery delivery);
  void send_inflight(Session& session, Inflight& inflight, const Message* message);
  bool next_waiting(Session& session, Delivery& delivery);
  bool next_shared(Session& session, Delivery& delivery);
  bool resend_inflight(Session& session);
  bool may_read(Session& session, const Delivery& delivery);
  void give_back(Session& session);
  void lend(const Session& session, ShareGroup& group, const Delivery& delivery);
  void lend_inflight(const Session& session);
  void settle(const Session& session, const Delivery& delivery);

  void publish_will(Session& session);
  void set_timers(Session& session, std::int64_t wills_not_before_ms = 0);
  void clear_timers(Session& session);
  void run_timers(std::int64_t now_ms);
  void list_changed(Session& session);
  void touch(const std::shared_ptr<ShareGroup>& group);

  const EngineSettings settings_;
  Outside& outside_;
  EngineCounters counters_;
  WaitingMemory waiting_memory_;
  Sessions sessions_;
  LinkWheel wheel_;
  std::size_t link_count_ = 0, login_bytes_ = 0;
  std::map<std::uint64_t, Link*> publishers_;  ///< Links that have stored something, by their number.
  FilterTree<FilterSubscriptions> tree_;
  std::map<std::uint32_t, ShareGroup*> groups_;
  std::size_t subscription_count_ = 0, shared_subscription_count_ = 0;
  RetainedMessages retained_;
  std::map<std::uint64_t, PendingStore> pending_;
  std::map<std::uint64_t, Link*> judged_links_;  ///< Links whose client is being judged.
  std::uint64_t last_token_ = 0, last_link_id_ = 0;
  std::uint32_t last_group_id_ = 0;
  std::uint64_t epoch_ = 0;
  std::vector<Target> targets_;  ///< Scratch of dispatch().
  std::vector<std::shared_ptr<ShareGroup>> target_groups_;
  std::vector<std::shared_ptr<Session>> changed_;
  std::vector<std::shared_ptr<ShareGroup>> changed_groups_;
  std::set<std::pair<std::int64_t, Session*>> timers_;
  std::uint64_t id_seed_ = 0;
  std::int64_t next_expiry_sweep_ms_ = 0;
};

}  // namespace tenon::protocol_mqtt
