// SPDX-License-Identifier: Apache-2.0
#include "election-etcd/election.hpp"

#include <algorithm>

#include "tenon/text.hpp"

namespace tenon::election_etcd {

Election::Election(const ElectionSettings& settings, Keys& keys, Candidate& candidate,
                   std::function<Clock::time_point()> now)
    : settings_(settings), keys_(keys), candidate_(candidate), now_(std::move(now)) {}

std::chrono::milliseconds Election::tick() {
  if (state_ == State::follower) follow();
  if (state_ == State::leader) lead();
  return settings_.lease_ttl / 6;
}

/// The lease as of now, a new one if there is none.
Status Election::renew() {
  const Clock::time_point sent = now_();
  if (lease_ != 0) {
    const Status kept = keys_.keep_alive(lease_);
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

bool Election::is_best(const Seen& seen, std::size_t& reported) const {
  const Report* best = nullptr;
  reported = 0;
  for (const Report& report : seen.reports) {
    if (report.term != seen.term) continue;
    ++reported;
    const bool better = best == nullptr || report.position > best->position ||
                        (report.position == best->position && report.broker_id < best->broker_id);
    if (better) best = &report;
  }
  return best != nullptr && best->broker_id == settings_.broker_id;
}

void Election::consider(const Seen& seen) {
  const Position own = candidate_.position();
  const auto same = [&](const Report& report) {
    return report.broker_id == settings_.broker_id && report.term == seen.term && report.position == own;
  };
  if (std::ranges::none_of(seen.reports, same)) {
    const Status said = keys_.report(lease_, {settings_.broker_id, seen.term, own});
    waits_for_ = said ? "the reports of the others" : text("etcd: ", said.error().message());
    return;
  }
  if (own.log_end < seen.confirmed) {
    waits_for_ = text("a broker that has the log up to ", seen.confirmed,
                      ", where it was acknowledged; this one ends at ", own.log_end);
    return;
  }
  const auto wanted =
      static_cast<std::size_t>(seen.term == 0 ? settings_.members : settings_.members - settings_.copies + 1);
  std::size_t reported = 0;
  const bool best = is_best(seen, reported);
  if (reported < wanted) {
    waits_for_ = text("brokers: ", reported, " are there, ", wanted, " are needed");
  } else if (!best) {
    waits_for_ = "a broker whose log is longer";
  } else {
    campaign(seen, own);
  }
}

void Election::campaign(const Seen& seen, const Position& own) {
  const std::int64_t term = std::max({seen.term + 1, own.epoch + 1, candidate_.now_ms()});
  const Result<bool> won = keys_.campaign(lease_, settings_.broker_id, seen, term);
  if (!won || !*won) {
    waits_for_ = won ? "the broker that was faster" : text("etcd: ", won.error().message());
    return;
  }
  candidate_.hold_until(renewed_ + settings_.lease_ttl * 2 / 3);
  if (const Status promoted = candidate_.promote(term); !promoted) {
    leave();
    candidate_.give_up(text("it was elected and could not become the master: ", promoted.error().message()));
    return;
  }
  // It may not have heard yet how far the last one had come: what was noted must not go back.
  noted_ = seen.confirmed;
  state_ = State::leader;
}

void Election::lead() {
  const Status renewed = renew();
  const Clock::time_point end = renewed_ + settings_.lease_ttl * 2 / 3;
  if (renewed) {
    candidate_.hold_until(end);
    const std::int64_t confirmed = candidate_.confirmed();
    // If it cannot be noted now, then with the next renewal.
    if (confirmed > noted_ && keys_.note_confirmed(settings_.broker_id, confirmed)) noted_ = confirmed;
    return;
  }
  waits_for_ = text("etcd: ", renewed.error().message());
  if (lease_ != 0 && now_() < end) return;
  state_ = State::ended;
  candidate_.give_up(text("its lease in etcd could not be renewed: ", renewed.error().message()));
}

void Election::leave() {
  state_ = State::ended;
  if (lease_ != 0) keys_.revoke(lease_);
  lease_ = 0;
}

}  // namespace tenon::election_etcd
