// SPDX-License-Identifier: Apache-2.0
#include "half_ledger.hpp"

#include <algorithm>

namespace tenon::transaction {

using Lock = std::scoped_lock<std::mutex>;

void HalfLedger::reset(QueueOffset cursor) {
  const Lock lock(mutex_);
  ended_.reset(cursor.value);
  aside_.clear();
  due_.clear();
  moved_.clear();
  claimed_.clear();
}

void HalfLedger::recover_ended(QueueOffset half) {
  const Lock lock(mutex_);
  if (half.value >= ended_.begin()) ended_.set(half.value);
}

std::vector<QueueOffset> HalfLedger::recover_renewed(QueueOffset half, QueueOffset first) {
  const Lock lock(mutex_);
  std::vector<QueueOffset> superseded;
  const auto supersede = [&](std::int64_t earlier) {
    if (earlier < ended_.begin() || earlier >= half.value || ended_.test(earlier)) return;
    ended_.set(earlier);
    superseded.push_back({earlier});
  };
  supersede(first.value);
  const auto [place, is_new] = moved_.try_emplace(first.value, half.value);
  if (!is_new) supersede(std::exchange(place->second, half.value));
  if (moved_.size() > tracked_max_) moved_.erase(place);
  return superseded;
}

Claim HalfLedger::claim(QueueOffset named, QueueOffset first) {
  const Lock lock(mutex_);
  const auto moved = moved_.find(first.value);
  Claim claim;
  claim.half = moved == moved_.end() ? named : QueueOffset{moved->second};
  if (claimed_.contains(claim.half.value)) {
    claim.state = Claim::State::busy;
  } else if (!is_pending_locked(claim.half.value)) {
    claim.outcome = outcome_locked(named.value);
    if (!claim.outcome) claim.outcome = outcome_locked(first.value);
  } else {
    claimed_.insert(claim.half.value);
    claim.state = Claim::State::taken;
  }
  return claim;
}

void HalfLedger::finish(QueueOffset half, QueueOffset first, QueueOffset named, TransactionDecision outcome) {
  const Lock lock(mutex_);
  claimed_.erase(half.value);
  end_locked(half.value);
  move_locked(half.value, first.value, std::nullopt);
  for (const QueueOffset offset : {half, first, named}) remember_locked(offset.value, outcome);
}

void HalfLedger::renew(QueueOffset half, QueueOffset first, QueueOffset renewed) {
  const Lock lock(mutex_);
  claimed_.erase(half.value);
  end_locked(half.value);
  move_locked(half.value, first.value, renewed.value);
}

/// The transaction stands at `renewed` instead of `half`; empty: nowhere.
void HalfLedger::move_locked(std::int64_t half, std::int64_t first, std::optional<std::int64_t> renewed) {
  const auto moved = moved_.find(first);
  if (moved != moved_.end() && moved->second != half) return;  // another one stands for it
  if (!renewed) {
    if (moved != moved_.end()) moved_.erase(moved);
  } else if (moved != moved_.end()) {
    moved->second = *renewed;
  } else if (moved_.size() < tracked_max_) {
    moved_.emplace(first, *renewed);
  }
}

void HalfLedger::release(QueueOffset half) {
  const Lock lock(mutex_);
  claimed_.erase(half.value);
}

QueueOffset HalfLedger::cursor() const {
  const Lock lock(mutex_);
  return {ended_.begin()};
}

bool HalfLedger::is_pending(QueueOffset half) const {
  const Lock lock(mutex_);
  return is_pending_locked(half.value);
}

bool HalfLedger::is_pending_locked(std::int64_t half) const {
  return half < ended_.begin() ? aside_.contains(half) : !ended_.test(half);
}

void HalfLedger::end_locked(std::int64_t half) {
  if (const auto aside = aside_.find(half); aside != aside_.end()) {
    due_.erase({aside->second, half});
    aside_.erase(aside);
  }
  if (half >= ended_.begin()) ended_.set(half);
}

QueueOffset HalfLedger::next_pending(QueueOffset end) const {
  const Lock lock(mutex_);
  std::int64_t half = ended_.first_clear(ended_.begin(), end.value);
  // One that is set aside stays above the cursor until the cursor moves on.
  while (half < end.value && aside_.contains(half)) half = ended_.first_clear(half + 1, end.value);
  return {half};
}

void HalfLedger::advance(QueueOffset cursor, std::int64_t now_ms) {
  const Lock lock(mutex_);
  std::int64_t half = ended_.first_clear(ended_.begin(), cursor.value);
  for (; half < cursor.value; half = ended_.first_clear(half + 1, cursor.value)) {
    if (aside_.contains(half)) continue;
    if (aside_.size() >= tracked_max_) break;
    aside_.emplace(half, now_ms);
    due_.emplace(now_ms, half);
  }
  ended_.drop_below(half);
}

void HalfLedger::forget_below(QueueOffset minimum) {
  const Lock lock(mutex_);
  while (!aside_.empty() && aside_.begin()->first < minimum.value) {
    due_.erase({aside_.begin()->second, aside_.begin()->first});
    aside_.erase(aside_.begin());
  }
  ended_.drop_below(minimum.value);
}

bool HalfLedger::defer(QueueOffset half, std::int64_t due_ms) {
  const Lock lock(mutex_);
  if (half.value < ended_.begin() || ended_.test(half.value)) return true;  // has ended meanwhile
  if (aside_.size() >= tracked_max_) return false;
  const bool is_new = aside_.try_emplace(half.value, due_ms).second;
  if (is_new) due_.emplace(due_ms, half.value);
  return true;
}

std::optional<QueueOffset> HalfLedger::next_due(std::int64_t now_ms) const {
  const Lock lock(mutex_);
  for (const auto& [due_ms, half] : due_) {
    if (due_ms > now_ms) break;
    if (claimed_.contains(half)) continue;
    return QueueOffset{half};
  }
  return std::nullopt;
}

void HalfLedger::postpone(QueueOffset half, std::int64_t due_ms) {
  const Lock lock(mutex_);
  const auto aside = aside_.find(half.value);
  if (aside == aside_.end()) return;
  due_.erase({aside->second, half.value});
  aside->second = due_ms;
  due_.emplace(due_ms, half.value);
}

QueueOffset HalfLedger::progress(QueueOffset end) const {
  const Lock lock(mutex_);
  const std::int64_t open = ended_.first_clear(ended_.begin(), std::max(end.value, ended_.begin()));
  return {aside_.empty() ? open : std::min(open, aside_.begin()->first)};
}

std::int64_t HalfLedger::pending_count(QueueOffset end) const {
  const Lock lock(mutex_);
  // Those aside that the cursor has not passed yet count once only.
  const auto ahead = std::distance(aside_.lower_bound(ended_.begin()), aside_.end());
  const auto below = static_cast<std::int64_t>(aside_.size()) - ahead;
  return std::max<std::int64_t>(end.value - ended_.begin() - ended_.count(), 0) + below;
}

void HalfLedger::remember_locked(std::int64_t half, TransactionDecision outcome) {
  outcomes_[static_cast<std::uint64_t>(half) % kOutcomes] = {half, outcome};
}

std::optional<TransactionDecision> HalfLedger::outcome_locked(std::int64_t half) const {
  const Outcome& outcome = outcomes_[static_cast<std::uint64_t>(half) % kOutcomes];
  if (outcome.half != half) return std::nullopt;
  return outcome.decision;
}

}  // namespace tenon::transaction
