// SPDX-License-Identifier: Apache-2.0
#include "ha/metadata/metadata_sync.hpp"

#include <algorithm>
#include <boost/asio/post.hpp>
#include <utility>

#include "client/reply_error.hpp"
#include "ha/metadata/log_coverage.hpp"
#include "remoting/response_code.hpp"
#include "tenon/message_store.hpp"
#include "tenon/text.hpp"

namespace tenon::ha {
namespace {

using remoting::RequestCode;

constexpr client::Milliseconds kTimeout{3'000};
/// After a round that failed.
constexpr std::chrono::milliseconds kRetryPause{500};
/// Between two rounds it is looked so often whether a connection waits for an answer.
constexpr std::chrono::milliseconds kLookForHeld{200};
/// The slave writes what it takes of them to its disk, each time.
constexpr std::chrono::seconds kDeliveriesPeriod{1};
/// Of the changes in one round: a million offsets are fewer. A master that says for ever that there is more gets a
/// pause.
constexpr int kPiecesMax = 1'000;
constexpr std::string_view kNoMaster =
    "no master is registered at the name servers of this broker, and plugins.ha.master_broker does not name it";
constexpr std::string_view kNotFollowing = "the log does not follow the master's";
/// Source: RocketMQ QueryMessageProcessor. Whatever else goes wrong there has the same code.
constexpr std::string_view kNoSuchRecord = "can not find message by the offset";

bool says_no_such_record(const client::Reply& reply) {
  return reply.code == static_cast<std::int32_t>(remoting::ResponseCode::system_error) &&
         std::string_view(reply.remark).starts_with(kNoSuchRecord);
}

bool is_not_supported(const client::Reply& reply) {
  return reply.code == static_cast<std::int32_t>(remoting::ResponseCode::request_code_not_supported);
}

}  // namespace

/// One request of a round. Topics and groups come first: offsets need them.
struct MetadataSync::Step {
  RequestCode code;
  std::string_view what;
  Status (MetadataSync::*take)(std::string_view body);
  /// Not every master can answer: the delay plug-in may be missing there, and 4.9 has no timers.
  bool optional;
};

const MetadataSync::Step MetadataSync::kSteps[] = {
    {RequestCode::get_all_topic_config, "topics", &MetadataSync::take_topics, false},
    {RequestCode::get_all_subscriptiongroup_config, "consumer groups", &MetadataSync::take_groups, false},
    {RequestCode::get_all_consumer_offset, "consumer offsets", &MetadataSync::take_offsets, false},
    {RequestCode::get_all_delay_offset, "delay offsets", &MetadataSync::take_levels, true},
    {RequestCode::get_timer_check_point, "timer check point", &MetadataSync::take_timers, true},
};

MetadataSync::MetadataSync(Parts parts) : parts_(std::move(parts)) {}
MetadataSync::~MetadataSync() { stop(); }

void MetadataSync::start(const boost::asio::any_io_executor& sched, const boost::asio::any_io_executor& disk) {
  if (parts_.copied_log != nullptr && parts_.topics != nullptr)
    young_topics_.emplace(YoungTopics::Parts{parts_.copy, *parts_.topics, *parts_.copied_log,
                                             [this] { return log_end(); }, [this] { return parts_.role.is_master(); },
                                             parts_.log, parts_.report_missing, parts_.report_progress});
  if (young_topics_) {
    covered_ = parts_.copy.covered_log().value_or(covered_by_others());
    parts_.role.when_master([this] { young_topics_->make(known_up_to()); });
  }
  if (parts_.role.is_master()) return;  // and stays it
  if (parts_.copied_log != nullptr) known_end_ = parts_.copied_log->log_max();
  disk_ = disk;
  client_.emplace();
  timer_ = std::make_unique<boost::asio::steady_timer>(sched);
  wait(parts_.changes_period);
}

void MetadataSync::stop() noexcept {
  {
    std::unique_lock lock(mutex_);
    stopping_ = true;
    if (timer_) timer_->cancel();
    idle_.wait(lock, [this] { return running_ == 0; });
  }
  if (young_topics_) young_topics_->stop();
  client_.reset();  // not under the lock: a request under way ends, and its round with it
}

MetadataStatus MetadataSync::status() const {
  const std::scoped_lock lock(mutex_);
  return status_;
}

void MetadataSync::wait(std::chrono::milliseconds pause) {
  const std::scoped_lock lock(mutex_);
  next_round_ = std::chrono::steady_clock::now() + pause;
  wait_on();
}

/// Mutex held. Sends of the master's clients may wait for a connection that is held.
void MetadataSync::wait_on() {
  if (stopping_) return;
  ++running_;
  timer_->expires_at(std::min(next_round_, std::chrono::steady_clock::now() + kLookForHeld));
  timer_->async_wait([this](const boost::system::error_code& cancelled) {
    if (!cancelled) begin_when_due();
    ran();
  });
}

void MetadataSync::begin_when_due() {
  {
    const std::scoped_lock lock(mutex_);
    const std::uint64_t held = parts_.held_connection();
    const bool is_new = held != 0 && held != round_.held_connection;
    if (std::chrono::steady_clock::now() < next_round_ && !is_new) return wait_on();
  }
  begin_round();
}

void MetadataSync::ran() {
  const std::scoped_lock lock(mutex_);
  --running_;
  idle_.notify_all();
}

void MetadataSync::begin_round() {
  if (parts_.role.is_master()) return;
  const std::string master = this->master();
  if (master.empty()) return end_round(std::string(kNoMaster));
  if (taken_.master != master) begin_with(master);
  if (!parts_.log_follows() && !doubted_) return end_round(why_not_following());
  note_log_end();
  changes_.reset();
  round_ = {.began = std::chrono::steady_clock::now(), .held_connection = parts_.held_connection()};
  const bool asks_log_first = round_.held_connection != 0 || !taken_.tells_changes;
  asks_log_first && !doubted_ ? check_log_later(master) : ask_for_changes(master);
}

std::string MetadataSync::master() const {
  return parts_.master_broker.empty() ? parts_.role.master().broker : parts_.master_broker;
}

/// A master closes a connection that is held for long. The reason is then why it was held, not that it is closed.
std::string MetadataSync::why_not_following() const {
  const std::string last = status().last_error;
  return round_.held_connection != 0 && !last.empty() ? last : std::string(kNotFollowing);
}

void MetadataSync::begin_with(const std::string& master) {
  round_ = {};
  taken_ = {};
  taken_.master = master;
  known_.reset();
  if (std::exchange(doubted_, false) && parts_.doubt_master) parts_.doubt_master({});
}

void MetadataSync::note_log_end() {
  if (parts_.copied_log == nullptr) return;
  const CoveredLog now = log_end();
  const std::scoped_lock lock(mutex_);
  asked_at_ = now;
}

/// The master may let the first question of a round wait.
void MetadataSync::ask_for_changes(const std::string& master) {
  client::Request request(RequestCode::tenon_metadata_changes);
  request.field("origin", taken_.origin).field("position", taken_.position);
  if (parts_.broker_id >= 0) request.field("brokerId", parts_.broker_id);
  if (taken_.topics) request.field("topics", taken_.topics->counter);
  if (taken_.groups) request.field("groups", taken_.groups->counter);
  if (taken_.topics && taken_.groups && round_.pieces == 0) request.field("hold", parts_.changes_period.count());
  client_->call(master, std::move(request), kTimeout,
                [this, master](const Result<client::Reply>& reply) { told_changes(master, reply); });
}

void MetadataSync::told_changes(const std::string& master, const Result<client::Reply>& reply) {
  constexpr std::string_view kWhat = "changes";
  if (!reply) return fail_round(kWhat, master, reply.error());
  if (is_not_supported(*reply)) {
    taken_.tells_changes = false;
    return round_.log_is_the_same ? ask(0, master) : check_log_later(master);
  }
  if (!reply->ok()) return fail_round(kWhat, master, client::error_of(*reply, "ask the master"));
  taken_.tells_changes = true;
  if (doubted_ && parts_.classic_only) return check_log_later(master);
  if (end_doubt()) return;  // of such a one the connection finds out by itself
  auto changes = decode_changes(reply->body);
  if (!changes) return fail_round(kWhat, master, changes.error());
  const bool complete = changes->offsets.complete;
  if (const Status taken = take_changes(std::move(*changes)); !taken) return fail_round(kWhat, master, taken.error());
  if (complete) return ask(0, master);
  if (++round_.pieces == kPiecesMax) return fail_round(kWhat, master, Error(Errc::busy, "they do not come to an end"));
  ask_for_changes(master);
}

/// Looking for the record may wait for the disk.
void MetadataSync::check_log_later(const std::string& master) {
  {
    const std::scoped_lock lock(mutex_);
    if (stopping_) return;
    ++running_;
  }
  boost::asio::post(disk_, [this, master] {
    check_log(master);
    ran();
  });
}

/// A master that was given an empty disk, or lost the end of its log, lets a classic slave wait and then goes on in the
/// middle of other bytes. Its tables would delete what only this broker has. So does a Tenon, to who speaks no other
/// protocol.
void MetadataSync::check_log(const std::string& master) {
  if (const Status found = find_known(); !found)
    return end_round(text("the own log cannot be compared with the master's: ", found.error().message()));
  if (!known_) return log_is_the_same(master);
  client::Request request(RequestCode::view_message_by_id);
  request.field("offset", known_->begin.value);
  client_->call(master, std::move(request), kTimeout,
                [this, master, own = *known_](const Result<client::Reply>& reply) { told_record(master, own, reply); });
}

/// The record to ask for. What is known moves on with good answers only.
Status MetadataSync::find_known() {
  if (parts_.copied_log == nullptr) return {};
  const PhysicalOffset end = parts_.copied_log->log_max();
  // A connection that is held has brought nothing, and those before it the rest of what the master had.
  known_end_ = round_.held_connection != 0 ? end : std::min(known_end_, end);
  auto found = last_record(*parts_.copied_log, known_ ? known_->begin : PhysicalOffset{}, known_end_);
  if (!found) {
    known_.reset();  // the log may have been cut below it
    return found.error();
  }
  known_ = *found;
  return {};
}

void MetadataSync::told_record(const std::string& master, const RecordMark& own, const Result<client::Reply>& reply) {
  constexpr std::string_view kWhat = "last record";
  if (!reply) return fail_round(kWhat, master, reply.error());
  if (says_no_such_record(*reply)) return doubt(own, "no record");
  if (!reply->ok()) return fail_round(kWhat, master, client::error_of(*reply, "ask the master"));
  if (!own.is(std::as_bytes(std::span(reply->body)))) return doubt(own, "another record");
  log_is_the_same(master);
}

void MetadataSync::go_on() {
  if (round_.held_connection != 0) parts_.go_on(round_.held_connection);
}

void MetadataSync::log_is_the_same(const std::string& master) {
  go_on();
  if (end_doubt()) return;
  if (parts_.copied_log != nullptr) known_end_ = log_end_when_asked().end;
  round_.log_is_the_same = true;
  taken_.tells_changes ? ask_for_changes(master) : ask(0, master);
}

void MetadataSync::doubt(const RecordMark& own, std::string_view what) {
  doubted_ = true;
  const std::string why = text("its log is another one than the own: it has ", what, " at physical offset ", own.begin,
                               ". Nothing is taken from it any more. Unless its retention has deleted that, what is "
                               "here may be the only copy: save or promote it, or empty this broker's store to follow");
  if (parts_.doubt_master) parts_.doubt_master(why);
  end_round(text("the master is not followed: ", why));
}

/// True: it was one, and this round is over. What the master has is taken when the log follows again.
bool MetadataSync::end_doubt() {
  if (!std::exchange(doubted_, false)) return false;
  if (parts_.doubt_master) parts_.doubt_master({});
  end_round(std::string(kNotFollowing));
  return true;
}

Status MetadataSync::take_changes(ChangesOfMaster changes) {
  OffsetChanges offsets = std::exchange(changes.offsets, {});
  if (offsets.origin != taken_.origin) taken_.topics = taken_.groups = std::nullopt;  // it was started again
  if (!offsets.offsets.empty()) {
    if (Status taken = parts_.copy.take_offsets(std::move(offsets.offsets)); !taken) return taken;
  }
  taken_.origin = offsets.origin;
  taken_.position = offsets.position;
  if (Status taken = take_deliveries(changes); !taken) return taken;
  changes_ = std::move(changes);
  return {};
}

Status MetadataSync::take_deliveries(const ChangesOfMaster& changes) {
  const auto now = std::chrono::steady_clock::now();
  if (parts_.delivery == nullptr || now - taken_.deliveries_at < kDeliveriesPeriod) return {};
  if (changes.levels) {
    if (Status taken = parts_.delivery->take_level_progress(*changes.levels); !taken) return taken;
  }
  if (changes.timers) {
    if (Status taken = parts_.delivery->take_timer_progress(*changes.timers); !taken) return taken;
  }
  taken_.deliveries_at = now;
  return {};
}

/// Whether a step of this round would bring nothing: a master that tells its changes is asked for two tables only.
bool MetadataSync::is_known(std::size_t step) const {
  if (!changes_) return false;
  if (kSteps[step].code == RequestCode::get_all_topic_config) return taken_.topics == changes_->topics;
  if (kSteps[step].code == RequestCode::get_all_subscriptiongroup_config) return taken_.groups == changes_->groups;
  return true;
}

void MetadataSync::ask(std::size_t step, const std::string& master) {
  while (step < std::size(kSteps) && is_known(step)) ++step;
  if (step == std::size(kSteps)) return end_round({});
  // Once more: of a topic that is deleted in the answer nothing is made again that came before.
  if (kSteps[step].code == RequestCode::get_all_topic_config) note_log_end();
  client_->call(master, client::Request(kSteps[step].code), kTimeout,
                [this, step, master](const Result<client::Reply>& reply) { answered(step, master, reply); });
}

void MetadataSync::answered(std::size_t step, const std::string& master, const Result<client::Reply>& reply) {
  const Step& asked = kSteps[step];
  if (!reply) return fail_round(asked.what, master, reply.error());
  if (!reply->ok() && !asked.optional) {
    return fail_round(asked.what, master, client::error_of(*reply, "ask the master"));
  }
  if (reply->ok()) {
    if (const Status taken = (this->*asked.take)(reply->body); !taken) {
      return fail_round(asked.what, master, taken.error());
    }
    round_.took_table = true;
  }
  ask(step + 1, master);
}

/// What listens there next may be another kind of master, so it is asked anew what it can.
void MetadataSync::fail_round(std::string_view what, const std::string& master, const Error& error) {
  taken_.tells_changes = true;
  end_round(text("cannot take the ", what, " of ", master, ": ", error.message()));
}

void MetadataSync::end_round(const std::string& error) {
  {
    const std::scoped_lock lock(mutex_);
    if (!error.empty() && error != status_.last_error)
      parts_.log.warn("topics, groups and offsets are not taken from the master: ", error);
    if (error.empty() && (!status_.last_error.empty() || status_.last_taken_ms == 0)) {
      parts_.log.info("topics, groups and offsets are those of the master");
    }
    status_.last_error = error;
    if (error.empty()) status_.last_taken_ms = parts_.now_ms();
    if (error.empty()) covered_ = asked_at_;
  }
  if (error.empty()) tell_what_is_covered();
  wait(error.empty() ? pause_after_round() : std::min(kRetryPause, parts_.period));
}

/// The table, though nothing in it has changed. A promoted broker tells the end of its own log.
void MetadataSync::tell_what_is_covered() {
  if (parts_.copied_log == nullptr) return;
  if (young_topics_) return young_topics_->covers_up_to(log_end_when_asked());
  parts_.copy.set_log_end([covered = log_end_when_asked()] { return covered; });
}

/// A master whose clients wait until this slave has a change is told at once that it has; the rest of the period may
/// have been spent waiting there.
std::chrono::milliseconds MetadataSync::pause_after_round() const {
  using std::chrono::milliseconds;
  if (!taken_.tells_changes) return parts_.period;
  if (!changes_ || !changes_->holds) return parts_.changes_period;
  if (round_.took_table) return milliseconds(0);
  const auto spent = std::chrono::ceil<milliseconds>(std::chrono::steady_clock::now() - round_.began);
  return std::clamp(parts_.changes_period - spent, milliseconds(0), parts_.changes_period);
}

PhysicalOffset MetadataSync::known_up_to() const {
  const replication::EpochHistory history = epochs();
  const PhysicalOffset end = parts_.copied_log->log_max();
  const std::scoped_lock lock(mutex_);
  return still_covered(covered_, history, end);
}

/// What a table covers that does not say it, RocketMQ's or an older Tenon's. Of a master since its start the whole log.
/// The rounds of an earlier process came to the begin of the last file, probably: what is looked at once more is known.
CoveredLog MetadataSync::covered_by_others() const {
  if (parts_.role.is_master()) return log_end();
  const PhysicalOffset end = parts_.copied_log->log_max();
  return coverage_up_to(end - end.value % parts_.copied_log->log_file_size(), epochs());
}

/// The epochs first: of a log that goes another way in between it then says too little, which is no harm.
CoveredLog MetadataSync::log_end() const {
  const replication::EpochHistory history = epochs();
  return coverage_up_to(parts_.copied_log->log_max(), history);
}

/// The master's was as long at least when it answered: what lies there it has stored before.
CoveredLog MetadataSync::log_end_when_asked() const {
  if (parts_.copied_log == nullptr) return {MessageStore::kWholeLog};
  const std::scoped_lock lock(mutex_);
  return asked_at_;
}

Status MetadataSync::take_topics(std::string_view body) {
  auto decoded = decode_topics(body);
  if (!decoded) return decoded.error();
  Status taken = parts_.copy.take_topics(std::move(decoded->topics), decoded->version, log_end_when_asked());
  if (!taken) return taken;
  taken_.topics = decoded->version;
  const std::scoped_lock lock(mutex_);
  covered_ = asked_at_;
  return {};
}

Status MetadataSync::take_groups(std::string_view body) {
  auto decoded = decode_groups(body);
  if (!decoded) return decoded.error();
  Status taken = parts_.copy.take_groups(std::move(decoded->groups), decoded->version);
  if (taken) taken_.groups = decoded->version;
  return taken;
}

Status MetadataSync::take_offsets(std::string_view body) {
  auto decoded = decode_offsets(body);
  if (!decoded) return decoded.error();
  return parts_.copy.take_offsets(std::move(*decoded));
}

Status MetadataSync::take_levels(std::string_view body) {
  if (parts_.delivery == nullptr || body.empty()) return {};
  const auto decoded = decode_level_progress(body);
  if (!decoded) return decoded.error();
  return parts_.delivery->take_level_progress(*decoded);
}

Status MetadataSync::take_timers(std::string_view body) {
  if (parts_.delivery == nullptr || body.empty()) return {};
  const auto decoded = decode_timer_progress(body);
  if (!decoded) return decoded.error();
  return parts_.delivery->take_timer_progress(*decoded);
}

}  // namespace tenon::ha
