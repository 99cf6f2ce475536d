// SPDX-License-Identifier: Apache-2.0
#include "election-etcd/election.hpp"

#include <algorithm>
#include <string_view>

#include "tenon/text.hpp"

namespace tenon::election_etcd {

namespace {

constexpr std::string_view kBeginning = "this broker, which was elected and is becoming the master";

/// Who wins among `reports` that are of `term`, and of how many. Of logs that are equal one that is not drained, then
/// the one with the lowest id.
struct Ranking {
  const Report* best = nullptr;
  std::size_t reported = 0;
};

bool is_better(const Report& one, const Report& other) {
  if (one.position != other.position) return one.position > other.position;
  if (one.drained != other.drained) return other.drained;
  return one.broker_id < other.broker_id;
}

Ranking rank(const Seen& seen) {
  Ranking ranking;
  for (const Report& report : seen.reports) {
    if (report.term != seen.term) continue;
    ++ranking.reported;
    if (ranking.best == nullptr || is_better(report, *ranking.best)) ranking.best = &report;
  }
  return ranking;
}

}  // namespace

Election::Election(const ElectionSettings& settings, Keys& keys, Candidate& candidate,
                   std::function<Clock::time_point()> now)
    : settings_(settings), keys_(keys), candidate_(candidate), now_(std::move(now)) {}

std::chrono::milliseconds Election::tick() {
  if (state_ == State::follower) follow();
  if (state_ == State::beginning || state_ == State::leader) lead();
  if (state_ == State::beginning) begin();
  return settings_.lease_ttl / 6;
}

/// The lease as of now, a new one if there is none.
Status Election::renew() {
  const Clock::time_point sent = now_();
  if (lease_ != 0) {
    Status kept = keys_.keep_alive(lease_);
    if (kept) renewed_ = sent;
    if (!kept && kept.error().is(Errc::query_not_found)) lease_ = 0;
    return kept;
  }
  const Result<std::int64_t> granted = keys_.grant_lease();
  if (!granted) return granted.error();
  lease_ = *granted;
  renewed_ = sent;
  return {};
}

void Election::follow() {
  if (const Status renewed = renew(); !renewed) {
    waits_for_ = text("etcd: ", renewed.error().message());
    return;
  }
  const Result<Seen> seen = keys_.read();
  if (!seen) {
    waits_for_ = text("etcd: ", seen.error().message());
    return;
  }
  waits_for_.clear();
  // Before it says how long its log is, and as long as nobody is elected: the last master is none any more.
  candidate_.require_epoch(seen->leader ? seen->term : seen->term + 1);
  if (seen->leader == settings_.broker_id) {
    // A victory whose answer was lost, or that of the process before this one: nobody leads until its lease is over.
    keys_.revoke(lease_);
    lease_ = 0;
  } else if (!seen->leader) {
    consider(*seen);
  }
}

void Election::consider(const Seen& seen) {
  const Report own{settings_.broker_id, seen.term, candidate_.position(), candidate_.drained()};
  if (std::ranges::find(seen.reports, own) == seen.reports.end()) {
    const Status said = keys_.report(lease_, own);
    waits_for_ = said ? "the reports of the others" : text("etcd: ", said.error().message());
    return;
  }
  if (own.position.log_end < seen.confirmed) {
    waits_for_ = text("a broker that has the log up to ", seen.confirmed,
                      ", where it was acknowledged; this one ends at ", own.position.log_end);
    return;
  }
  const auto wanted =
      static_cast<std::size_t>(seen.term == 0 ? settings_.members : settings_.members - settings_.copies + 1);
  const Ranking ranking = rank(seen);
  if (ranking.reported < wanted) {
    waits_for_ = text("brokers: ", ranking.reported, " are there, ", wanted, " are needed");
  } else if (own.drained) {
    waits_for_ = "a broker that is not being drained, as this one is, and whose log is as long";
  } else if (ranking.best->broker_id != own.broker_id) {
    waits_for_ = text("a broker whose log is longer", ranking.best->drained ? "; it is being drained" : "");
  } else {
    campaign(seen, own.position);
  }
}

void Election::decline() {
  state_ = State::follower;
  candidate_.hold_until(now_());
  keys_.revoke(lease_);
  lease_ = 0;
  waits_for_ = "another broker: this one is being drained";
}

void Election::campaign(const Seen& seen, const Position& own) {
  const std::int64_t term = std::max({seen.term + 1, own.epoch + 1, candidate_.now_ms()});
  const Result<bool> won = keys_.campaign(lease_, settings_.broker_id, seen, term);
  if (!won || !*won) {
    waits_for_ = won ? "the broker that was faster" : text("etcd: ", won.error().message());
    return;
  }
  candidate_.hold_until(renewed_ + settings_.lease_ttl * 2 / 3);
  term_ = term;
  // It may not have heard yet how far the last one had come: what was noted must not go back.
  noted_ = seen.confirmed;
  state_ = State::beginning;
  waits_for_ = kBeginning;
  begin();
}

void Election::begin() {
  const std::optional<Status> promoted = candidate_.promote(term_);
  if (!promoted) return;
  if (*promoted) {
    if (waits_for_ == kBeginning) waits_for_.clear();
    state_ = State::leader;
  } else if (promoted->error().is(Errc::illegal_operation) && candidate_.drained()) {
    decline();
  } else if (promoted->error().is(Errc::shutting_down)) {
    candidate_.hold_until(now_());
    leave();  // who stops, perhaps with all the others, is not at fault
  } else {
    leave();
    candidate_.give_up(text("it was elected and could not become the master: ", promoted->error().message()));
  }
}

void Election::lead() {
  const Status renewed = renew();
  const Clock::time_point end = renewed_ + settings_.lease_ttl * 2 / 3;
  if (renewed) {
    waits_for_ = state_ == State::beginning ? kBeginning : "";
    candidate_.hold_until(end);
    if (has_lost_place()) end_as_leader("etcd does not name it as the master any more, though its lease goes on");
    return;
  }
  waits_for_ = text("etcd: ", renewed.error().message());
  if (lease_ != 0 && now_() < end) return;
  end_as_leader(text("its lease in etcd could not be renewed: ", renewed.error().message()));
}

void Election::end_as_leader(std::string_view why) {
  state_ = State::ended;
  candidate_.give_up(why);
}

/// The key may be gone without the lease: somebody has deleted it, or etcd was given an older state again. Then another
/// broker is elected. One request a turn: who notes something looks later, for there is not always something to note.
bool Election::has_lost_place() {
  if (note_confirmed()) return false;
  const Result<Seen> seen = keys_.read();
  return seen && seen->leader != settings_.broker_id;
}

/// False: there is nothing to note. If it cannot be noted now, then with the next renewal.
bool Election::note_confirmed() {
  const std::int64_t confirmed = state_ == State::leader ? candidate_.confirmed() : 0;
  if (confirmed <= noted_) return false;
  if (keys_.note_confirmed(settings_.broker_id, confirmed)) noted_ = confirmed;
  return true;
}

void Election::leave() {
  state_ = State::ended;
  if (lease_ != 0) keys_.revoke(lease_);
  lease_ = 0;
}

}  // namespace tenon::election_etcd
