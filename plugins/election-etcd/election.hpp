// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "tenon/error.hpp"
#include "tenon/lease_clock.hpp"

namespace tenon::election_etcd {

/// How far a broker's log is. The later epoch wins, then the longer log.
struct Position {
  std::int64_t epoch = 0;
  std::int64_t log_end = 0;

  friend auto operator<=>(const Position&, const Position&) = default;
};

/// What a broker without a master says of itself. It counts only for the term it was said in: then no master was there
/// any more that could have acknowledged something since.
struct Report {
  std::int64_t broker_id = 0;
  std::int64_t term = 0;
  Position position;
  /// It does not want to be elected, because it is being drained. That it is there counts all the same.
  bool drained = false;

  friend bool operator==(const Report&, const Report&) = default;
};

/// What etcd holds about one broker name, as of one read.
struct Seen {
  std::optional<std::int64_t> leader;  ///< Broker id; none while nobody holds the lease.
  std::int64_t term = 0;               ///< The epoch of the last master that was elected is not below it; 0: none was.
  std::int64_t term_revision = 0;      ///< For campaign(): the term has not changed meanwhile.
  std::int64_t confirmed = 0;          ///< At least up to there messages were acknowledged, as the last master noted.
  std::vector<Report> reports;
};

/// The keys of one broker name in etcd. Calls wait, a bounded time.
class Keys {
 public:
  virtual ~Keys() = default;
  virtual Result<Seen> read() = 0;
  virtual Result<std::int64_t> grant_lease() = 0;
  /// Error query_not_found: the lease is over.
  virtual Status keep_alive(std::int64_t lease) = 0;
  virtual void revoke(std::int64_t lease) = 0;
  virtual Status report(std::int64_t lease, const Report& report) = 0;
  /// Notes how far messages are acknowledged, if this broker is the leader.
  virtual Status note_confirmed(std::int64_t broker_id, std::int64_t confirmed) = 0;
  /// Becomes the leader of `term` if there is no leader and the last term is still the one that was seen. False:
  /// somebody else was faster.
  virtual Result<bool> campaign(std::int64_t lease, std::int64_t broker_id, const Seen& seen, std::int64_t term) = 0;
};

/// The broker, as far as an election is concerned with it.
class Candidate {
 public:
  virtual ~Candidate() = default;
  virtual Position position() const = 0;
  /// Up to where every byte is on as many brokers as an acknowledged message must be.
  virtual std::int64_t confirmed() const = 0;
  /// An operator takes it away: it would be a master that takes no messages, and refuses to become one.
  virtual bool drained() const = 0;
  virtual std::int64_t now_ms() const = 0;  ///< Wall clock: epochs are its milliseconds, or more.
  /// Begins an epoch of this number or a later one, and whatever else a master does. Nothing: that goes on, and this is
  /// called again with the same number. Errors: illegal_operation: refused, and nothing has changed; shutting_down:
  /// this process is to stop, and takes nothing.
  virtual std::optional<Status> promote(std::int64_t epoch_min) = 0;
  virtual void hold_until(LeaseClock::time_point end) = 0;
  /// Confirms nothing more to a master of an epoch before this one, as soon as it returns.
  virtual void require_epoch(std::int64_t epoch_min) = 0;
  /// It is not the master any more and cannot become it again: the process must end.
  virtual void give_up(std::string_view reason) = 0;
};

struct ElectionSettings {
  std::int64_t broker_id = 1;
  /// Brokers of the name, dead or alive, and how many of them have every acknowledged message.
  std::int64_t members = 2, copies = 2;
  std::chrono::milliseconds lease_ttl{10'000};
};

/// Decides on the master of one broker name by a lease in etcd.
///
/// Invariants:
///  - At most one broker acknowledges. The leader acknowledges until two thirds of the lease have passed since the last
///    renewal was *sent* (hold_until); etcd gives the lease away not before the whole of it has passed since it was
///    *received*. So clocks need only run at about the same speed.
///  - With `copies` above 1 that holds even where clocks lie (a virtual machine that was paused): a broker that says
///    how long its log is confirms nothing to the master before, so who reported for a new one leaves the old one
///    alone.
///  - Nothing acknowledged is lost. Every acknowledged message is on `copies` of `members` brokers. A broker campaigns
///    only when it has seen the positions of members - copies + 1 of them, said in this term, and its own is the best:
///    among so many is one that has the last acknowledged message, so the best has it.
///  - A broker that has lost its disk is not elected by accident: who has less than the last master had noted as
///    acknowledged does not campaign, and the very first election waits for all.
///  - One that is drained does not campaign; another takes its place only with a log that goes as far.
///  - Who was elected keeps its place for as long as it takes to begin: if that were longer than a lease, each that is
///    elected would lose its place over it, one after the other.
///
/// Threads: one.
class Election {
 public:
  using Clock = LeaseClock;

  Election(const ElectionSettings& settings, Keys& keys, Candidate& candidate, std::function<Clock::time_point()> now);

  /// Does what is next; call it again after what it returns.
  std::chrono::milliseconds tick();
  /// Gives the lease back, so that another broker need not wait for its end. Nothing may be acknowledged any more.
  void leave();

  bool leads() const noexcept { return state_ == State::leader; }
  /// For people: why nobody is elected, or empty.
  const std::string& waits_for() const noexcept { return waits_for_; }

 private:
  /// Beginning: it has the place, and is being promoted.
  enum class State { follower, beginning, leader, ended };

  void follow();
  void consider(const Seen& seen);
  void campaign(const Seen& seen, const Position& own);
  void begin();
  void lead();
  void end_as_leader(std::string_view why);
  bool has_lost_place();
  bool note_confirmed();
  Status renew();
  /// Drained while it was being elected: it is not the master, and goes on following.
  void decline();

  const ElectionSettings settings_;
  Keys& keys_;
  Candidate& candidate_;
  const std::function<Clock::time_point()> now_;
  State state_ = State::follower;
  std::int64_t lease_ = 0;  ///< 0: none.
  Clock::time_point renewed_;
  std::int64_t term_ = 0;   ///< For which it was elected.
  std::int64_t noted_ = 0;  ///< As leader: what note_confirmed() was told last, by this one or the one before.
  std::string waits_for_;
};

}  // namespace tenon::election_etcd
