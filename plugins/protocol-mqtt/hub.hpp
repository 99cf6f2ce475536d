// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <atomic>
#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/steady_timer.hpp>
#include <chrono>
#include <deque>
#include <exception>
#include <functional>
#include <memory>
#include <string>
#include <thread>
#include <unordered_set>
#include <vector>

#include "protocol-mqtt/access/doorkeeper.hpp"
#include "protocol-mqtt/append_queues.hpp"
#include "protocol-mqtt/engine/engine.hpp"
#include "protocol-mqtt/journal/safe_end.hpp"
#include "protocol-mqtt/journal/session_journal.hpp"
#include "protocol-mqtt/mapping/topic_map.hpp"
#include "protocol-mqtt/sys_topics.hpp"
#include "protocol-mqtt/transport/openings.hpp"
#include "protocol-mqtt/transport/slow_work.hpp"
#include "protocol-mqtt/transport/socket_poll.hpp"
#include "tenon/append_listener.hpp"
#include "tenon/broker_role.hpp"
#include "tenon/host.hpp"
#include "tenon/message_store.hpp"
#include "tenon/publishing.hpp"
#include "tenon/topics.hpp"

namespace tenon::record {
class RecordView;
}

namespace tenon::protocol_mqtt {

class Connection;

/// What of the broker the hub stands on. All of them outlive it.
struct BrokerParts {
  Host* host = nullptr;
  Publishing* publishing = nullptr;
  MessageStore* store = nullptr;
  MessageStore* whole_log = nullptr;  ///< Likewise, with what ReadableEnd holds back: for the journal.
  Topics* topics = nullptr;
  std::vector<CommitGate*> gates = {};  ///< What makes the log as safe as promised.
  BrokerRole* role = nullptr;           ///< nullptr: always the master.

  bool is_master() const noexcept { return role == nullptr || role->is_master(); }
};

struct HubSettings {
  EngineSettings engine;
  std::size_t connections_max = 100'000;
  std::size_t openings_max = 5'000;  ///< Connections that have not said CONNECT.
  std::size_t slow_threads = 1;      ///< For handshakes and passwords.
  std::int64_t partial_bytes_max = 256 << 20;
  bool store_qos0 = true;
  bool user_properties = true;
  std::int64_t sys_interval_s = 10;  ///< 0: no $SYS topics.
};

/// The engine between the broker's log and the connections: stores what clients publish, reads back what was appended
/// by whatever protocol, and hands it to the engine in the order of each queue.
///
/// Work comes in turns: all that one event causes happens inside a Turn; at its end what was appended is dispatched,
/// and then every connection with output sends it at once. Threads: everything on the thread of executor(), but
/// appended() and listens(), which any publisher calls.
class Hub final : public Outside, public AppendListener, public std::enable_shared_from_this<Hub> {
 public:
  Hub(const BrokerParts& broker, const HubSettings& settings, TopicMap map, Doorkeeper doorkeeper);
  ~Hub() override;

  class Turn {
   public:
    explicit Turn(Hub& hub) : hub_(hub) { ++hub_.turn_depth_; }
    Turn(const Turn&) = delete;
    Turn& operator=(const Turn&) = delete;
    ~Turn() {
      if (hub_.turn_depth_ == 1) hub_.finish_turn();
      --hub_.turn_depth_;
    }

   private:
    Hub& hub_;
  };

  const boost::asio::any_io_executor& executor() const noexcept { return executor_; }
  Engine& engine() noexcept { return engine_; }
  SocketPoll& poll() noexcept { return poll_; }
  SlowWork& slow_work() noexcept { return slow_work_; }
  const Logger& log() const { return broker_.host->log(); }
  /// Runs a step. What it throws, out of memory at the most, is logged and ends the step, not the process. False then.
  template <class Step>
  bool attempt(std::string_view what, const Step& step) noexcept {
    try {
      step();
      return true;
    } catch (const std::exception& problem) {
      note_failure(what, problem);
      return false;
    }
  }
  void note_failure(std::string_view what, const std::exception& problem) noexcept;
  const HubSettings& settings() const noexcept { return settings_; }
  /// Who may come in and do what from now on; clients that are connected are judged by it, too.
  void replace(Doorkeeper doorkeeper) { doorkeeper_ = std::move(doorkeeper); }

  void start();
  void stop();
  /// Who is told, on the hub's thread, when this broker is not the master any more: clients were sent away.
  void on_fenced(std::function<void()> told) { told_of_fence_ = std::move(told); }
  void add(const std::shared_ptr<Connection>& connection);
  void flush_later(Connection& connection) noexcept;
  /// The connection ends as soon as its output was sent; a client that does not read has a few seconds.
  void limit_farewell(Connection& connection) noexcept;
  /// The connection has closed: forgets it when the turn ends.
  void remove(Connection& connection);
  bool is_full() const noexcept { return connections_.size() >= settings_.connections_max; }
  void count_refused() noexcept { ++connections_refused_; }
  /// False while too many connections have not said CONNECT, and none of them has had time enough to do so.
  bool make_room_for_opening();
  void opened(Connection& connection) noexcept { openings_.end(connection); }
  /// See Link::excuse().
  void excuse(const Connection& connection, std::int64_t ms) noexcept { openings_.excuse(connection, ms); }
  /// Input that is no whole packet yet, of all connections together. False when it is more than allowed.
  bool account_partial(std::int64_t bytes) noexcept {
    partial_bytes_ += bytes;
    return partial_bytes_ <= settings_.partial_bytes_max;
  }
  /// Whose CONNECT is being judged: anonymous clients may come by some listeners only.
  void set_anonymous_allowed(bool allowed) noexcept { anonymous_allowed_ = allowed; }
  /// Sent but unconfirmed bytes and requests are gone: true when nothing waits for the store.
  bool idle() const noexcept { return stores_pending_ == 0 && withheld_.empty(); }

  // Outside
  void store(const IncomingMessage& incoming, std::uint64_t token) override;
  bool load(PhysicalOffset place, const std::function<void(const Message&)>& use) override;
  void catch_up() override;
  /// The wall clock of the start, moved on by the steady one: somebody who sets the clock ends no session and lets no
  /// message expire. The next start looks at the wall again.
  std::int64_t now_ms() const override { return wall_at_start_ms_ + (steady_ms() - steady_at_start_ms_); }
  std::int64_t steady_ms() const override {
    using namespace std::chrono;
    return duration_cast<milliseconds>(steady_clock::now().time_since_epoch()).count();
  }
  std::optional<mqtt::ReasonCode> authenticate(const Credentials& credentials, std::uint64_t token) override;
  std::unique_ptr<Authentication> begin_authentication(std::string_view method) override;
  bool may(Access access, std::string_view client_id, std::string_view user_name, std::string_view topic) override;

  // AppendListener
  bool listens() const noexcept override { return listening_.load(std::memory_order_seq_cst) || queues_.any_held(); }
  void appended(std::string_view topic, std::int32_t queue_id, QueueOffset offset) noexcept override;
  void readable(std::string_view topic, std::int32_t queue_id, QueueOffset offset) noexcept override;

 private:
  class StoreCompletion;

  void recover();
  void finish_recovery();
  void note_inbound(const Message& message);
  InboundId* inbound_of(Session& session, const Message& message);
  void note_held_back();
  void note_held_back(const Message& message);
  void note_changes() noexcept;
  void wait_for_gates() noexcept;
  void gates_answered(PhysicalOffset end, const Status& safe) noexcept;
  void look_after_gates() noexcept;
  void drop_what_is_not_safe() noexcept;
  void flush_listed() noexcept;
  void flush_or_hold_back(const std::shared_ptr<Connection>& connection) noexcept;
  void finish_turn() noexcept;
  /// Dispatches what is marked. False when something is left for a later turn.
  bool dispatch_appended() noexcept;
  bool dispatch_queue(AppendQueues::Queue& queue);
  bool note_held(AppendQueues::Queue& queue);
  void queue_marked(bool first) noexcept;
  void dispatch_records(const ReadResult& read, AppendQueues::Queue& queue);
  void dispatch_record(const record::RecordView& view);
  void store_whole(const IncomingMessage& incoming, std::uint64_t token);
  void dispatch_unstored(const IncomingMessage& incoming, std::uint64_t token);
  void post_turn() noexcept;
  void forget_completion() noexcept;
  void stored(std::uint64_t token, const Result<PublishReceipt>& outcome) noexcept;
  void confirm(std::uint64_t token, const Result<PublishReceipt>& outcome);
  mqtt::ReasonCode reason_of(const Error& error) const;
  void arm_timer();
  void second_passed();
  void work_of_a_second();
  void end_farewells();
  void look_at_role();

  const BrokerParts broker_;
  const HubSettings settings_;
  const TopicMap map_;
  Doorkeeper doorkeeper_;
  const boost::asio::any_io_executor executor_;
  const std::int64_t wall_at_start_ms_ = broker_.host->now_ms(), steady_at_start_ms_ = steady_ms();
  std::thread::id thread_;  ///< That of executor_; set before the first append is listened to.
  Engine engine_;
  std::shared_ptr<PublishCompletion> completion_;
  AppendQueues queues_;
  const SafeEnd safe_end_;
  SessionJournal journal_;
  SysTopics sys_topics_;
  std::int64_t seconds_ = 0;
  /// What lies between was stored before this start, but the journal was not told.
  PhysicalOffset recover_from_{-1}, recover_to_{-1};
  bool recovered_ = false;   ///< Until then the engine does not know all that the log does.
  bool recovering_ = false;  ///< Something that was stored before this start was just dispatched.
  std::atomic<bool> listening_{false};
  std::atomic<bool> turn_posted_{false};
  std::atomic<bool> marks_missing_{false};  ///< Some queue has something new and is not marked.
  boost::asio::steady_timer timer_;
  SocketPoll poll_;
  std::unordered_set<std::shared_ptr<Connection>> connections_;
  Openings openings_;
  SlowWork slow_work_;
  std::uint64_t connections_refused_ = 0;            ///< Since the last time somebody was told.
  std::vector<std::shared_ptr<Connection>> closed_;  ///< To be forgotten when the turn ends.
  std::vector<std::shared_ptr<Connection>> to_flush_;
  std::vector<std::shared_ptr<Connection>> held_back_;  ///< Have output, but the journal is behind.
  /// Have output that is true after a crash when the log is safe up to there.
  std::deque<std::pair<PhysicalOffset, std::shared_ptr<Connection>>> withheld_;
  bool gates_asked_ = false;
  std::int64_t gates_asked_at_ms_ = 0;
  std::uint64_t unsafe_notes_ = 0;
  bool to_flush_missing_ = false;                                             ///< One that has output is not listed.
  std::deque<std::pair<std::int64_t, std::weak_ptr<Connection>>> farewells_;  ///< Due at a number of seconds.
  int turn_depth_ = 0;
  bool dispatching_ = false;
  bool queues_moved_ = false;
  bool marked_ = false;  ///< A publish of this turn is to be dispatched.
  bool anonymous_allowed_ = false;
  bool stopped_ = false;
  bool fenced_ = false;  ///< Another broker is the master by now, or will be.
  std::function<void()> told_of_fence_;
  std::size_t stores_pending_ = 0;
  std::uint64_t stores_refused_ = 0;
  bool told_of_batches_ = false;  ///< That there are some, which no client is given.
  std::int64_t partial_bytes_ = 0;
};

}  // namespace tenon::protocol_mqtt
