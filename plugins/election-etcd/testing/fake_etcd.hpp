// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <map>
#include <optional>
#include <utility>

#include "election-etcd/election.hpp"

namespace tenon::election_etcd::testing {

using TimePoint = Election::Clock::time_point;

/// etcd, as far as an election needs it.
struct FakeEtcd {
  TimePoint now{std::chrono::hours(1)};
  std::chrono::milliseconds ttl{10'000};
  std::map<std::int64_t, TimePoint> leases;  ///< To their ends.
  bool takes_notes = true;                   ///< Of how far messages are acknowledged.
  std::int64_t last_lease = 0, term = 0, revision = 0, confirmed = 0;
  std::optional<std::pair<std::int64_t, std::int64_t>> leader;  ///< Broker id and lease.
  std::map<std::int64_t, std::pair<Report, std::int64_t>> reports;

  void expire() {
    std::erase_if(leases, [&](const auto& lease) { return lease.second <= now; });
    if (leader && !leases.contains(leader->second)) leader.reset();
    std::erase_if(reports, [&](const auto& report) { return !leases.contains(report.second.second); });
  }
  /// When somebody else may take this broker's place; nothing: it is not the leader.
  std::optional<TimePoint> place_ends(std::int64_t broker_id) const {
    if (!leader || leader->first != broker_id) return std::nullopt;
    const auto lease = leases.find(leader->second);
    return lease == leases.end() ? std::nullopt : std::optional(lease->second);
  }
};

/// The way of one broker to etcd.
class FakeKeys final : public Keys {
 public:
  explicit FakeKeys(FakeEtcd& etcd) : etcd_(etcd) {}
  bool reachable = true;
  std::chrono::milliseconds answers_after{0};
  bool loses_answers = false;  ///< etcd does what it is asked for, and that is not heard.

  Result<Seen> read() override {
    const Answer answer(*this);
    if (!reachable) return gone();
    Seen seen{
        .leader = {}, .term = etcd_.term, .term_revision = etcd_.revision, .confirmed = etcd_.confirmed, .reports = {}};
    if (etcd_.leader) seen.leader = etcd_.leader->first;
    for (const auto& [id, report] : etcd_.reports) seen.reports.push_back(report.first);
    return seen;
  }
  Result<std::int64_t> grant_lease() override {
    const Answer answer(*this);
    if (!reachable) return gone();
    etcd_.leases[++etcd_.last_lease] = etcd_.now + etcd_.ttl;
    if (loses_answers) return gone();
    return etcd_.last_lease;
  }
  Status keep_alive(std::int64_t lease) override {
    const Answer answer(*this);
    if (!reachable) return gone();
    if (!etcd_.leases.contains(lease)) return Error(Errc::query_not_found, "the lease is over");
    etcd_.leases[lease] = etcd_.now + etcd_.ttl;
    return done();
  }
  void revoke(std::int64_t lease) override {
    if (reachable) etcd_.leases.erase(lease);
    etcd_.expire();
  }
  Status report(std::int64_t lease, const Report& report) override {
    if (!reachable) return gone();
    etcd_.reports[report.broker_id] = {report, lease};
    return done();
  }
  Status note_confirmed(std::int64_t broker_id, std::int64_t confirmed) override {
    if (!reachable) return gone();
    if (!etcd_.takes_notes) return gone();
    if (etcd_.leader && etcd_.leader->first == broker_id) etcd_.confirmed = confirmed;
    return done();
  }
  Result<bool> campaign(std::int64_t lease, std::int64_t broker_id, const Seen& seen, std::int64_t term) override {
    const Answer answer(*this);
    if (!reachable) return gone();
    if (etcd_.leader || etcd_.revision != seen.term_revision || !etcd_.leases.contains(lease)) return false;
    etcd_.leader = {broker_id, lease};
    etcd_.term = term;
    ++etcd_.revision;
    if (loses_answers) return gone();
    return true;
  }

 private:
  /// etcd has done it; the answer is on its way.
  struct Answer {
    explicit Answer(FakeKeys& keys) : of(keys) {}
    ~Answer() { of.etcd_.now += of.answers_after; }
    FakeKeys& of;
  };
  Status done() const { return loses_answers ? Status(gone()) : Status{}; }
  static Error gone() { return Error(Errc::disconnected, "no answer"); }
  FakeEtcd& etcd_;
};

}  // namespace tenon::election_etcd::testing
