// SPDX-License-Identifier: Apache-2.0
#include "ha/ha_engine.hpp"

#include <algorithm>
#include <boost/asio/post.hpp>
#include <mutex>
#include <thread>

#include "ha/divergence_file.hpp"
#include "replication/own_epochs.hpp"
#include "replication/readable_on_slave.hpp"

namespace tenon::ha {
namespace {

using Clock = std::chrono::steady_clock;

/// How often connections are looked after: also how late an append of which nobody told is sent, as RocketMQ's master
/// waits at most so long for the next one.
constexpr std::chrono::milliseconds kTick{100};
/// While nobody waits for the slaves, appends are sent together: at most so late. At 10,000 messages a second that is a
/// third of the switches of thread.
constexpr std::chrono::milliseconds kGatherAppends{1};
/// How long a clean stop waits for connected slaves.
constexpr std::chrono::seconds kStopPatience{2};
constexpr std::chrono::milliseconds kStopPoll{5};

MasterLinkSettings link_settings(const HaSettings& settings, replication::Identity identity, bool knows_flushed) {
  MasterLinkSettings link;
  link.session.identity = std::move(identity);
  link.session.speaks_extended = settings.speaks_extended;
  link.session.knows_flushed = knows_flushed;
  link.session.report_interval = settings.heartbeat_interval;
  link.session.silence_max = settings.housekeeping_interval;
  link.answer_patience = settings.answer_patience;
  return link;
}

ReplicaServerSettings server_settings(const HaSettings& settings, replication::Identity identity) {
  ReplicaServerSettings server;
  server.session.identity = std::move(identity);
  server.session.batch_bytes = settings.transfer_batch_size;
  server.session.heartbeat_interval = settings.heartbeat_interval;
  server.session.silence_max = settings.housekeeping_interval;
  server.session.acknowledge = settings.acknowledge;
  server.connections_max = settings.connections_max;
  server.slaves_wanted = settings.synchronous ? settings.in_sync_replicas - 1 : 0;
  server.send_when_acknowledged = settings.synchronous;
  server.gap_not_in_sync = settings.max_gap_not_in_sync;
  return server;
}

}  // namespace

HaEngine::HaEngine(HaSettings settings)
    : settings_(std::move(settings)),
      gate_(settings_.slave_timeout),
      table_gate_(settings_.slave_timeout, [this] { return followers(); }) {}

HaEngine::~HaEngine() { stop(); }

void HaEngine::open(HaParts parts, replication::Identity identity, const std::string& listen) {
  parts_ = std::move(parts);
  epochs_.emplace(parts_.epoch_file);
  if (const Status loaded = epochs_->load(); !loaded) throw Failure(loaded.error());
  if (const Status kept = replication::forget_lost_epochs(*parts_.log, *epochs_); !kept) throw Failure(kept.error());
  load_divergence();
  const ReaderBound::Parts bound{parts_.readable_end, parts_.log, settings_.readers_bounded, parts_.report_held_back};
  if (const Status bounded = readers_.open(bound); !bounded) throw Failure(bounded.error());
  link_settings_ = link_settings(settings_, identity, parts_.flush_gate != nullptr);
  link_settings_.session.holds_classic = parts_.asks_classic_masters;
  thread_.emplace(parts_.report_fault, parts_.loop);
  ticker_.emplace(thread_->context());
  gathering_.emplace(thread_->context());
  // While nobody waits for a slave, its connection is not to cost the senders' thread anything.
  const bool at_senders = settings_.synchronous && parts_.senders;
  server_.emplace(thread_->context(), at_senders ? parts_.senders : thread_->context().get_executor(), listen,
                  *parts_.log, server_settings(settings_, std::move(identity)), *parts_.logger,
                  [this](PhysicalOffset end, bool enough) { confirmed(end, enough); });
  advertised_ = server_->address();
  {
    const std::unique_lock lock(life_);
    running_ = true;  // from here on stop() has something to stop
  }
  thread_->run([this] { tick(); });
  parts_.log->watch(this);
}

void HaEngine::confirmed(PhysicalOffset end, bool enough) {
  gate_.set_available(enough);
  // First: whoever has sent may be the one who reads. Slaves that have less than this epoch was begun on could lose an
  // election to one with another end of the log.
  if (end.value >= epoch_start_.load()) readers_.raise(end);
  gate_.confirm(end);
}

/// Those that a message waits for.
ReplicaTableGate::Followers HaEngine::followers() const {
  const std::shared_lock lock(life_);
  return running_ ? followers_now() : ReplicaTableGate::Followers{};
}

ReplicaTableGate::Followers HaEngine::followers_now() const {
  ReplicaServer::InSync in_sync = server_->in_sync();
  return {in_sync.count >= settings_.in_sync_replicas, std::move(in_sync.broker_ids), in_sync.look};
}

void HaEngine::stop() noexcept {
  if (!running_) return;
  const auto patience = Clock::now() + kStopPatience;
  for (bool done = false; !done && Clock::now() < patience; std::this_thread::sleep_for(kStopPoll)) {
    thread_->run([&] {
      server_->pump();
      done = role_ == ReplicationRole::slave || server_->all_up_to_date();
    });
  }
  const std::unique_lock lock(life_);
  running_ = false;
  thread_->run([this] {
    ticker_->cancel();
    gathering_->cancel();
    if (link_) link_->stop();
    link_.reset();
    forget_unused_epoch();
    server_->stop();
    gate_.give_up();
    table_gate_.give_up(Error(Errc::service_not_available, "the change is made here, but this broker ends"));
  });
  parts_.log->watch(nullptr);
  thread_->run([] {});  // what the closing posted
  thread_->stop();      // and stays, as the server does: a wake may still come, and finds nobody
}

void HaEngine::tick() {
  // First, so that the next comes whatever happens to this one.
  ticker_->expires_after(kTick);
  ticker_->async_wait([this](const boost::system::error_code& error) {
    if (!error) tick();
  });
  const auto now = Clock::now();
  gate_.expire(now);
  server_->tick(now);
  if (settings_.synchronous) table_gate_.tick(followers_now(), now);
  look_after_link(now);
  // A slave hears of confirmations with the next chunk, or a heartbeat.
  readers_.watch(now, role_ == ReplicationRole::master ? settings_.slave_timeout : settings_.housekeeping_interval,
                 [this] { return why_held_back(); });
  wants_wake_.store(role_ == ReplicationRole::master, std::memory_order_relaxed);
}

void HaEngine::look_after_link(Clock::time_point now) {
  if (link_) link_->tick(now);
  held_connection_.store(held_now(), std::memory_order_relaxed);
  follows_.store(link_ && link_->follows(), std::memory_order_release);  // whoever sees it sees that
}

bool HaEngine::follows(const MasterAddresses& said) const {
  {
    const std::scoped_lock lock(followed_mutex_);
    if (followed_ != (settings_.master.empty() ? said.replication : settings_.master)) return false;
  }
  return follows();  // afterwards: it was taken back before the other one was named
}

/// Each link counts its own connections.
std::uint64_t HaEngine::held_now() const {
  const std::uint64_t held = link_ ? link_->held() : 0;
  return held == 0 ? 0 : (links_ << 32) + held;
}

void HaEngine::go_on(std::uint64_t connection) {
  const std::shared_lock lock(life_);
  if (!running_) return;
  thread_->run([&] {
    if (connection == held_now() && link_) link_->go_on(link_->held());
    held_connection_.store(held_now(), std::memory_order_relaxed);
  });
}

std::string HaEngine::why_held_back() const {
  if (role_ == ReplicationRole::slave) return "this slave knows of no more that a failover could not take away";
  return text("of ", std::max(settings_.in_sync_replicas, 2), " in-sync replicas that must have it ",
              server_->in_sync().count, " follow, this broker included");
}

void HaEngine::log_grew() noexcept {
  if (settings_.synchronous) return server_->log_grew();
  // Sequentially consistent, as in pump(): either this sees the wish, or pump() sees what was appended.
  if (!wants_wake_.exchange(false)) return;
  boost::asio::post(thread_->context(), [this] { pump_soon(); });
}

void HaEngine::pump_soon() {
  if (std::exchange(gathers_, true)) return;
  gathering_->expires_after(kGatherAppends);
  gathering_->async_wait([this](const boost::system::error_code& error) {
    gathers_ = false;
    if (!error) pump();
  });
}

void HaEngine::pump() {
  // Before the log is read: what is appended from now on wakes again.
  wants_wake_.store(true);
  server_->pump();
}

Result<std::int64_t> HaEngine::become_master(std::int64_t epoch_min) {
  const std::shared_lock lock(life_);
  if (!running_) return Error(Errc::service_not_available, "replication is not running");
  Result<std::int64_t> epoch = std::int64_t{0};
  thread_->run([&] {
    if (role_ == ReplicationRole::master) {
      epoch = epochs_->history().last().number;
      return;
    }
    if (link_) link_->stop();
    epochs_before_ = epochs_->history();
    // The clock makes numbers that no other broker uses, and that tell who became master last, without an authority. An
    // authority knows the number that it gave, so it stays as it is.
    const auto begun = replication::begin_own_epoch(*parts_.log, *epochs_, epoch_min > 0 ? epoch_min : parts_.now_ms());
    epoch = begun ? Result<std::int64_t>(begun->number) : begun.error();
    if (!epoch) {
      const std::string master = master_;
      link_.reset();
      follow(master);
      return;
    }
    link_.reset();
    role_ = ReplicationRole::master;
    table_gate_.open();
    note_link({});
    epoch_start_ = epochs_->history().last().start.value;
    server_->open(epochs_->history());
    accept();
    wants_wake_ = true;
  });
  if (epoch) parts_.logger->info("master of epoch ", *epoch);
  return epoch;
}

/// A master that had to end before it wrote anything, because another one registered or because its start went wrong,
/// must not look as if its log were the latest. Where a slave was let in, that one may count on the epoch.
void HaEngine::forget_unused_epoch() noexcept {
  if (role_ != ReplicationRole::master || server_->had_slaves()) return;
  if (const Status kept = replication::forget_unused_epoch(*parts_.log, *epochs_, epochs_before_); !kept)
    parts_.logger->warn(kept.error().message());
}

Status HaEngine::become_slave(std::string_view master) {
  const std::string wanted = settings_.master.empty() ? std::string(master) : settings_.master;
  if (!wanted.empty() && wanted.rfind(':') == std::string::npos)
    return Error(Errc::invalid_parameter, text("'", wanted, "' is no host:port"));
  const std::shared_lock lock(life_);
  if (!running_) return Error(Errc::service_not_available, "replication is not running");
  thread_->run([&] {
    if (role_ == ReplicationRole::master) {
      role_ = ReplicationRole::slave;
      server_->close(Error(Errc::service_not_available, "this broker is no longer the master"));
      gate_.give_up();
      table_gate_.give_up(
          Error(Errc::service_not_available, "the change is made here, but this broker is no longer the master"));
    }
    follow(wanted);
    accept();
  });
  return {};
}

void HaEngine::accept() {
  if (!std::exchange(accepting_, true)) server_->start();
}

void HaEngine::require_epoch(std::int64_t epoch_min) {
  const std::shared_lock lock(life_);
  if (!running_) return;
  thread_->run([&] {
    if (epoch_min > 0) server_->leave_classic_out();
    if (std::exchange(link_settings_.session.epoch_min, epoch_min) != epoch_min && link_) link_->epoch_changed();
  });
}

void HaEngine::doubt_master(std::string_view why) {
  const std::shared_lock lock(life_);
  if (!running_) return;
  thread_->run([&] {
    if (role_ == ReplicationRole::master || why == doubt_) return;
    doubt_ = why;
    const std::string master = std::exchange(master_, {});
    if (why.empty()) return follow(master);
    if (link_) link_->stop();
    link_.reset();
    follows_.store(false, std::memory_order_relaxed);
    master_ = master;
    note_link(text("master ", master, ": ", why));
  });
}

void HaEngine::follow(std::string master) {
  if ((link_ || !doubt_.empty()) && master == master_) return;
  doubt_.clear();
  if (link_) link_->stop();
  link_.reset();
  follows_.store(false, std::memory_order_relaxed);  // at once: the next tick may be too late for who asks
  master_ = std::move(master);
  {
    const std::scoped_lock lock(followed_mutex_);
    followed_ = master_;
  }
  if (master_.empty()) return;
  parts_.logger->info("slave of ", master_);
  MasterLinkParts parts{
      .log = parts_.log,
      .epochs = &*epochs_,
      .flush_gate = parts_.flush_gate,
      .report_lagging = [this](std::string_view reason) { note_link(reason); },
      .report_divergence = [this](const Divergence& divergence) { note_divergence(divergence); },
      .progressed =
          [this](const replication::SlaveSession& session) {
            readers_.raise(replication::readable_on_slave(session, parts_.log->log_max(), settings_.in_sync_replicas));
          }};
  ++links_;
  link_ = std::make_shared<MasterLink>(thread_->context(), master_, std::move(parts), link_settings_);
  link_->start();
}

/// It only tells people something: no reason not to start.
void HaEngine::load_divergence() {
  auto kept = kept_divergence(parts_.divergence_file, *parts_.logger);
  kept ? void(divergence_ = *std::move(kept)) : parts_.logger->warn(kept.error().message());
}

void HaEngine::note_divergence(const Divergence& divergence) {
  divergence_ = divergence;
  divergence_->timestamp_ms = parts_.now_ms();
  parts_.logger->warn("the master did not have the log from ", divergence.begin, " on: ", divergence.length,
                      " bytes were cut off and saved in ", divergence.saved_as);
  if (const Status kept = keep_divergence(parts_.divergence_file, *divergence_); !kept)
    parts_.logger->warn(kept.error().message());
}

void HaEngine::note_link(std::string_view why_not) {
  if (why_not.empty() && not_following_because_.empty()) return;
  const bool is_another = !why_not.empty() && !not_following_because_.empty() && why_not != not_following_because_;
  if (is_another) parts_.logger->warn("not following: ", why_not);
  not_following_because_ = why_not;
  parts_.report_lagging(why_not);
}

HostAddress HaEngine::ha_address() const { return advertised_; }

ReplicationStatus HaEngine::status() const {
  ReplicationStatus status;
  const std::shared_lock lock(life_);
  if (running_) thread_->run([&] { status = status_now(); });
  return status;
}

/// A log of which nobody has said it yet calls all of itself confirmed, also what a master without slaves appends. An
/// election would then wait for that for ever, if the master is lost with it.
PhysicalOffset HaEngine::confirmed_now() const {
  const PhysicalOffset kept = parts_.log->confirm_offset();
  if (role_ != ReplicationRole::master || !settings_.synchronous) return kept;
  return std::min(kept, std::max(gate_.confirmed(), PhysicalOffset{epoch_start_.load()}));
}

ReplicationStatus HaEngine::status_now() const {
  const auto now = Clock::now();
  ReplicationStatus status;
  status.role = role_;
  status.log_min = parts_.log->log_min();
  status.log_max = parts_.log->log_max();
  status.epoch = epochs_->history().last().number;
  status.mode = settings_.synchronous ? "sync" : "async";
  status.in_sync_replicas_wanted = settings_.synchronous ? settings_.in_sync_replicas : 1;
  status.last_divergence = divergence_;
  status.confirmed = confirmed_now();
  status.readable = readers_.readable();
  status.readers_wait_because = readers_.waiting_because();
  if (role_ == ReplicationRole::master) {
    status.in_sync_replicas = server_->in_sync().count;
    status.replicas = server_->replicas(now);
  } else if (link_) {
    status.master = link_->status(now);
  } else {
    status.master.emplace();
    if (!doubt_.empty()) status.master->address = master_;
    status.master->last_error = doubt_;
  }
  return status;
}

}  // namespace tenon::ha
