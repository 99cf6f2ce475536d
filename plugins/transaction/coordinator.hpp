// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <atomic>

#include "half_actions.hpp"
#include "tenon/transaction_coordinator.hpp"

namespace tenon::transaction {

/// Ends transactions at the word of their producers. Source: broker-semantics.md 9.2; texts of RocketMQ's
/// EndTransactionProcessor.
///
/// The order of a commit is: claim, message in its real topic, ledger, op record, answer. A crash after the second step
/// leaves a half message that looks pending; it is recognised by its UNIQ_KEY in the real topic when it is next touched
/// (HalfActions::is_committed). Threads: any.
class Coordinator final : public TransactionCoordinator {
 public:
  Coordinator(const Parts& parts, const HalfActions& actions) : parts_(parts), actions_(actions) {}

  void end(const EndTransactionRequest& request, Ended ended) override;
  Status resume_check(PhysicalOffset message) override;
  TransactionTotals totals() const override;

  /// From now on nothing new is taken.
  void drain() noexcept { draining_.store(true); }
  /// On a slave nothing is taken until wake(): its ledger is empty.
  void rest() noexcept { resting_.store(true); }
  void wake() noexcept { resting_.store(false); }

 private:
  Result<HalfMessage> find_half(const EndTransactionRequest& request) const;
  Status check(const EndTransactionRequest& request, const HalfMessage& half) const;
  Status ended_before(const EndTransactionRequest& request, const Claim& claim) const;
  void end_claimed(const HalfMessage& half, QueueOffset claimed, TransactionDecision decision, Ended ended);
  /// The same for a half message that the process before this one may have committed.
  void end_recovered(const HalfMessage& half, QueueOffset claimed, TransactionDecision decision, Ended ended);
  void note_end(const HalfMessage& half, QueueOffset claimed, TransactionDecision decision, Ended ended);
  Status resume_waiting(const HalfMessage& half);
  Status resume_discarded(const HalfMessage& half);
  /// Whether a half message of the same unique key waits in the half topic.
  bool has_waiting_twin(const HalfMessage& half) const;
  void count_pending(TransactionTotals& totals) const;

  const Parts& parts_;
  const HalfActions& actions_;
  std::atomic<bool> draining_{false}, resting_{false};
};

}  // namespace tenon::transaction
