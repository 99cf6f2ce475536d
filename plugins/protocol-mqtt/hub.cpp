// SPDX-License-Identifier: Apache-2.0
#include "protocol-mqtt/hub.hpp"

#include <algorithm>
#include <boost/asio/post.hpp>
#include <utility>

#include "protocol-mqtt/mapping/record_mapping.hpp"
#include "protocol-mqtt/transport/connection.hpp"

namespace tenon::protocol_mqtt {

using mqtt::ReasonCode;

/// Gets the outcomes of publishes; outlives the hub if the kernel still holds it.
class Hub::StoreCompletion final : public PublishCompletion {
 public:
  explicit StoreCompletion(Hub& hub) : hub_(&hub), executor_(hub.executor_) {}
  void forget_hub() noexcept { hub_ = nullptr; }
  void published(std::uint64_t token, const Result<PublishReceipt>& outcome) noexcept override {
    if (hub_ != nullptr) hub_->stored(token, outcome);
  }
  boost::asio::any_io_executor executor() const override { return executor_; }

 private:
  Hub* hub_;
  const boost::asio::any_io_executor executor_;
};

Hub::Hub(const BrokerParts& broker, const HubSettings& settings, TopicMap map, Doorkeeper doorkeeper)
    : broker_(broker),
      settings_(settings),
      map_(std::move(map)),
      doorkeeper_(std::move(doorkeeper)),
      executor_(broker.host->net_executors().back()),
      engine_(settings.engine, *this),
      completion_(std::make_shared<StoreCompletion>(*this)),
      safe_end_(broker.gates),
      journal_(*broker.whole_log, broker.host->data_dir() / "mqtt" / "checkpoint", broker.host->log()),
      sys_topics_(engine_, broker.host->now_ms()),
      timer_(executor_),
      poll_(executor_),
      openings_(settings.openings_max),
      slow_work_(executor_, settings.slow_threads, settings.openings_max) {
  engine_.retained().track_changes();
}

void Hub::forget_completion() noexcept { static_cast<StoreCompletion*>(completion_.get())->forget_hub(); }

Hub::~Hub() { forget_completion(); }

void Hub::start() {
  thread_ = std::this_thread::get_id();
  recover();
  recovered_ = true;
  poll_.run([this](const auto& serve_what_is_ready) {
    const Turn turn(*this);
    serve_what_is_ready();
  });
  arm_timer();
}

void Hub::stop() {
  if (stopped_) return;
  if (recovered_) {
    const Turn turn(*this);
    attempt("ending the connections", [this] { engine_.shut_down(); });
  }
  if (recovered_ && !fenced_) journal_.checkpoint(engine_, queues_, now_ms());
  stopped_ = true;
  listening_ = false;
  timer_.cancel();
  poll_.stop();
  slow_work_.stop();
  for (const auto& [end, connection] : std::exchange(withheld_, {})) {
    connection->release();
    connection->flush();
  }
  for (const auto& connection : std::exchange(connections_, {})) {
    openings_.end(*connection);
    connection->close_now();
  }
  attempt("ending handshakes", [this] { slow_work_.tell_done(); });
  forget_completion();
}

void Hub::arm_timer() {
  timer_.expires_after(std::chrono::seconds(1));
  timer_.async_wait([self = weak_from_this()](const boost::system::error_code& error) {
    if (error) return;
    if (const auto hub = self.lock()) hub->second_passed();
  });
}

void Hub::second_passed() {
  if (stopped_) return;
  arm_timer();
  const Turn turn(*this);
  attempt("the work of a second", [this] { work_of_a_second(); });
  ++seconds_;
}

void Hub::work_of_a_second() {
  if (marks_missing_.exchange(false) &&
      !attempt("looking at all queues", [this] { queues_.mark_all(*broker_.topics); })) {
    marks_missing_ = true;
  }
  look_at_role();
  engine_.tick();
  end_farewells();
  slow_work_.tell_done();
  if (const auto refused = std::exchange(connections_refused_, 0); refused > 0) {
    log().warn("refused ", refused, " connections: ", settings_.connections_max, " are open");
  }
  if (settings_.sys_interval_s > 0 && seconds_ % settings_.sys_interval_s == 0) sys_topics_.publish();
  if (!engine_.has_subscriptions() && listening_.exchange(false)) queues_moved_ = true;
  // Nobody reads them, but a restart would. It looks for QoS 2 messages whose storing was not confirmed, too.
  constexpr std::int64_t kSkipAnywaySeconds = 60;
  const bool settled = stores_pending_ == 0 || seconds_ % kSkipAnywaySeconds == 0;
  if (!listening_ && journal_.keeps_queues() && settled) {
    queues_.skip_read(*broker_.store, *broker_.topics);
    queues_moved_ = true;
  }
  if (!fenced_ && journal_.wants_checkpoint(now_ms())) journal_.checkpoint(engine_, queues_, now_ms());
  std::erase_if(held_back_, [](const auto& connection) { return connection->closed(); });
  look_after_gates();
}

/// What clients were told before is in the log of the next master, or was not confirmed; what is noted from now on is
/// not: another broker goes on with their sessions.
void Hub::look_at_role() {
  if (fenced_ || broker_.is_master()) return;
  fenced_ = true;
  log().warn("this broker is not the master any more: MQTT clients are sent away");
  if (told_of_fence_) told_of_fence_();
  engine_.shut_down(ReasonCode::use_another_server, "this broker is not the master any more");
  drop_what_is_not_safe();
}

void Hub::note_failure(std::string_view what, const std::exception& problem) noexcept {
  try {
    log().error(what, " failed: ", problem.what());
  } catch (const std::exception&) {  // no memory for these words either
  }
}

void Hub::limit_farewell(Connection& connection) noexcept {
  constexpr std::int64_t kFarewellSeconds = 5;
  attempt("limiting a farewell",
          [&] { farewells_.emplace_back(seconds_ + kFarewellSeconds, connection.weak_from_this()); });
}

void Hub::end_farewells() {
  while (!farewells_.empty() && farewells_.front().first <= seconds_) {
    const std::shared_ptr<Connection> connection = farewells_.front().second.lock();
    farewells_.pop_front();
    if (!connection || connection->closed()) continue;
    connection->close_now();
    remove(*connection);
  }
}

/// Held first: what is listed as opening must not go without a word.
void Hub::add(const std::shared_ptr<Connection>& connection) {
  connections_.insert(connection);
  openings_.begin(*connection, steady_ms());
}

bool Hub::make_room_for_opening() {
  if (!openings_.full()) return true;
  Connection* slow = openings_.overdue(steady_ms());
  if (slow == nullptr) return false;
  slow->close_now();
  remove(*slow);
  return true;
}

void Hub::remove(Connection& connection) {
  openings_.end(connection);
  attempt("forgetting a connection", [&] { closed_.push_back(connection.shared_from_this()); });
  if (turn_depth_ == 0) post_turn();
}

void Hub::flush_later(Connection& connection) noexcept {
  if (!attempt("listing output", [&] { to_flush_.push_back(connection.shared_from_this()); })) to_flush_missing_ = true;
  if (turn_depth_ == 0) post_turn();
}

/// Rounds of: dispatch, note what changed, send. What a round of sending causes is noted before it is sent itself.
void Hub::finish_turn() noexcept {
  constexpr int kRounds = 16;
  bool all_done = false;
  for (int round = 0; round < kRounds && !all_done; ++round) {
    marked_ = false;
    all_done = dispatch_appended();
    note_changes();
    flush_listed();
    all_done = all_done && !marked_ && to_flush_.empty();
  }
  for (const auto& connection : std::exchange(closed_, {})) connections_.erase(connection);
  if (!all_done || marked_) post_turn();
}

void Hub::note_changes() noexcept {
  if (fenced_) return;
  journal_.note(engine_, queues_, queues_moved_);
  queues_moved_ = false;
}

void Hub::post_turn() noexcept {
  if (turn_posted_.exchange(true)) return;
  const auto next = [self = weak_from_this()] {
    const auto hub = self.lock();
    if (!hub) return;
    hub->turn_posted_ = false;
    if (hub->stopped_) return;
    const Turn turn(*hub);
  };
  // Otherwise that of the next second serves.
  if (!attempt("posting a turn", [&] { boost::asio::post(executor_, next); })) turn_posted_ = false;
}

void Hub::appended(std::string_view topic, std::int32_t queue_id, QueueOffset) noexcept {
  if (!listening_) return;
  bool first = false;
  const bool marked = attempt("marking a queue", [&] {
    first = TopicMap::is_visible(topic, *broker_.topics) && queues_.mark(topic, queue_id);
  });
  if (!marked) marks_missing_ = true;
  queue_marked(first);
}

/// Without a subscriber, too: a retained message was stored, and waits to be one.
void Hub::readable(std::string_view topic, std::int32_t queue_id, QueueOffset offset) noexcept {
  bool first = false;
  if (!attempt("marking a queue", [&] { first = queues_.mark_held(topic, queue_id); })) marks_missing_ = true;
  queue_marked(first);
  appended(topic, queue_id, offset);
}

void Hub::queue_marked(bool first) noexcept {
  if (!first) return;
  if (std::this_thread::get_id() != thread_ || turn_depth_ == 0) return post_turn();
  marked_ = true;  // the turn of now dispatches it
}

void Hub::catch_up() {
  queues_.mark_all_held();
  dispatch_appended();
  if (listening_) return;
  listening_ = true;  // from here on every append is marked; what came before is no new subscriber's
  queues_.skip_to_end(*broker_.store, *broker_.topics);
}

/// A queue that cannot be read now is looked at again in the next second, or when something comes into it.
bool Hub::dispatch_appended() noexcept {
  if (dispatching_) return true;
  dispatching_ = true;
  bool all = true;
  for (AppendQueues::Queue* queue : queues_.take()) {
    const bool dispatched = attempt("dispatching", [&] {
      if (dispatch_queue(*queue)) return;
      queues_.again(*queue);
      all = false;
    });
    if (!dispatched) marks_missing_ = true;
  }
  dispatching_ = false;
  return all;
}

/// False when more is there than one turn should dispatch.
bool Hub::dispatch_queue(AppendQueues::Queue& queue) {
  constexpr int kReadsPerTurn = 8;
  for (int count = 0; count < kReadsPerTurn; ++count) {
    ReadRequest request;
    request.topic = queue.topic;
    request.queue_id = queue.queue_id;
    request.offset = queue.next;
    request.max_messages = 64;
    request.form = ReadForm::in_memory;
    const ReadResult read = broker_.store->read(request);
    if (read.status == ReadStatus::found) {
      queues_moved_ = true;
      dispatch_records(read, queue);
      queue.next = read.next_queue_offset;
      // What came meanwhile has marked the queue again.
      if (!(queue.next < read.max_queue_offset) && !note_held(queue)) return true;
      continue;
    }
    // The topic was deleted and made again. An end that was moved back by a crash is met as offset_overflow_one.
    const bool remade = read.max_queue_offset < queue.next && read.status != ReadStatus::offset_overflow_one;
    const bool behind = queue.next < read.max_queue_offset;
    if (remade) queue.next = read.min_queue_offset;
    if (!remade && behind) queue.next = std::max(read.next_queue_offset, read.min_queue_offset);
    if (!(queue.next < read.max_queue_offset) && !note_held(queue)) return true;
  }
  return false;
}

/// Notes whether something of the queue cannot be read yet; whoever moves the end asks then. True when it can be now.
bool Hub::note_held(AppendQueues::Queue& queue) {
  if (broker_.whole_log == broker_.store) return false;
  const bool held = queue.next < broker_.whole_log->bounds(queue.topic, queue.queue_id).max;
  if (queue.held != held) queues_.set_held(queue, held);
  return held && queue.next < broker_.store->bounds(queue.topic, queue.queue_id).max;
}

bool Hub::load(PhysicalOffset place, const std::function<void(const Message&)>& use) {
  const auto stored = broker_.store->message_at(place);
  return stored && with_message_of(stored->message, place, map_, use);
}

std::optional<ReasonCode> Hub::authenticate(const Credentials& credentials, std::uint64_t token) {
  auto verdict = doorkeeper_.authenticate(credentials, anonymous_allowed_);
  if (const auto* known = std::get_if<ReasonCode>(&verdict)) return *known;
  const auto outcome = std::make_shared<ReasonCode>(ReasonCode::unspecified_error);
  const auto work = [check = std::get<Doorkeeper::Check>(std::move(verdict)), asker = credentials.asker, outcome] {
    if (!asker.expired()) *outcome = check();
  };
  const auto done = [self = weak_from_this(), token, outcome] {
    const auto hub = self.lock();
    if (!hub || hub->stopped_) return;
    const Turn turn(*hub);
    hub->attempt("letting a client in", [&] { hub->engine_.judged(token, *outcome); });
  };
  if (slow_work_.give(SlowWork::Kind::password, work, done)) return std::nullopt;
  return ReasonCode::server_busy;
}

std::unique_ptr<Authentication> Hub::begin_authentication(std::string_view method) {
  return doorkeeper_.begin_authentication(method);
}

bool Hub::may(Access access, std::string_view client_id, std::string_view user_name, std::string_view topic) {
  return doorkeeper_.may(access, client_id, user_name, topic);
}

}  // namespace tenon::protocol_mqtt
