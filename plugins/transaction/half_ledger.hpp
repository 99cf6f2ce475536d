// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstdint>
#include <map>
#include <mutex>
#include <optional>
#include <set>
#include <unordered_map>
#include <unordered_set>
#include <utility>
#include <vector>

#include "offset_bits.hpp"
#include "tenon/offsets.hpp"
#include "tenon/transaction_coordinator.hpp"

namespace tenon::transaction {

/// How a claim of a half message for its end, or for a check, went.
struct Claim {
  enum class State { taken, busy, ended };
  State state = State::ended;
  QueueOffset half;                            ///< The half message that stands for the transaction now.
  std::optional<TransactionDecision> outcome;  ///< Of an ended one, while it is remembered.
};

/// Which half messages are pending. Invariants:
///
/// 1. The cursor divides the half topic. Below it a half message is pending only if it is deferred; at and above it, it
///    is pending unless its bit says ended. So a transaction that ends soon costs one bit, for as long as a check
///    interval.
/// 2. A transaction is one from its first half message on, however often that is stored again ("renewed"): `moved_`
///    leads from the first offset to the present one, so an old offset that a producer holds still ends the right one.
///    All earlier ones count as ended.
/// 3. Who ends or checks a half message claims it first, so that no two do. A claim ends with finish(), renew() or
///    release().
/// 4. Memory: `tracked_max` bounds the deferred and the moved. What does not fit is refused by defer(), and forgotten
///    by renew(): then only the newest offset ends the transaction, which the next check tells the producer.
///
/// Threads: any; one short lock, nothing is called under it.
class HalfLedger {
 public:
  explicit HalfLedger(std::size_t tracked_max) : tracked_max_(tracked_max) {}

  /// Starts over, with everything below `cursor` ended.
  void reset(QueueOffset cursor);
  /// From an op record: this one has ended. Only before the first claim.
  void recover_ended(QueueOffset half);
  /// From a renewed half message: earlier ones of its transaction have ended. Returns those of which that was not
  /// known: they must be noted as ended, or the next start takes them for pending when this one has ended, too. Only
  /// before the first claim, in the order of the queue.
  std::vector<QueueOffset> recover_renewed(QueueOffset half, QueueOffset first);

  /// `named`: the offset the caller knows; `first`: the one at which that half message says its transaction began.
  Claim claim(QueueOffset named, QueueOffset first);
  /// The claimed transaction has ended for good. `named` as in claim(): also under this offset the outcome is known.
  void finish(QueueOffset half, QueueOffset first, QueueOffset named, TransactionDecision outcome);
  /// The claimed half message was stored again as `renewed`.
  void renew(QueueOffset half, QueueOffset first, QueueOffset renewed);
  void release(QueueOffset half);

  QueueOffset cursor() const;
  bool is_pending(QueueOffset half) const;
  /// The first half message at or above the cursor that has not ended; `end` if there is none below that.
  QueueOffset next_pending(QueueOffset end) const;
  /// Everything below `cursor` was looked at. What is pending there and not deferred yet, because it was claimed when
  /// it was looked at or could not be read, is deferred by this. Stops early when there is no room for that.
  void advance(QueueOffset cursor, std::int64_t now_ms);
  /// The messages below `minimum` do not exist any more.
  void forget_below(QueueOffset minimum);
  /// Sets a pending one at or above the cursor aside. False: no room.
  bool defer(QueueOffset half, std::int64_t due_ms);
  /// A deferred one that is due, oldest due time first. It stays deferred; postpone() or a claim's end moves it on.
  std::optional<QueueOffset> next_due(std::int64_t now_ms) const;
  void postpone(QueueOffset half, std::int64_t due_ms);

  /// Everything below has ended: the offset of CID_RMQ_SYS_TRANS on the half topic. `end`: the half topic's maximum.
  QueueOffset progress(QueueOffset end) const;
  std::int64_t pending_count(QueueOffset end) const;

 private:
  struct Outcome {
    std::int64_t half = -1;
    TransactionDecision decision = TransactionDecision::unknown;
  };
  static constexpr std::size_t kOutcomes = 16'384;

  bool is_pending_locked(std::int64_t half) const;
  void end_locked(std::int64_t half);
  void move_locked(std::int64_t half, std::int64_t first, std::optional<std::int64_t> renewed);
  void remember_locked(std::int64_t half, TransactionDecision outcome);
  std::optional<TransactionDecision> outcome_locked(std::int64_t half) const;

  const std::size_t tracked_max_;
  mutable std::mutex mutex_;
  OffsetBits ended_;                                     ///< From the cursor on.
  std::map<std::int64_t, std::int64_t> aside_;           ///< Deferred: due time by offset.
  std::set<std::pair<std::int64_t, std::int64_t>> due_;  ///< The same, by due time.
  std::unordered_map<std::int64_t, std::int64_t> moved_;
  std::unordered_set<std::int64_t> claimed_;
  std::vector<Outcome> outcomes_ = std::vector<Outcome>(kOutcomes);  ///< By offset modulo its size.
};

}  // namespace tenon::transaction
