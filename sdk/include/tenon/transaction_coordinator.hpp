// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <functional>
#include <string_view>

#include "tenon/capability.hpp"
#include "tenon/error.hpp"
#include "tenon/offsets.hpp"

namespace tenon {

/// What a producer says about its local transaction.
enum class TransactionDecision {
  unknown,  ///< Not known yet: nothing changes, the broker asks again later.
  commit,
  rollback,
};

/// The second phase of a transactional send (END_TRANSACTION). Ownership: views borrow until end() returns.
struct EndTransactionRequest {
  std::string_view producer_group;      ///< Must be the group in the half message.
  QueueOffset half_offset;              ///< tranStateTableOffset: where the half message stands in the half topic.
  PhysicalOffset half_physical_offset;  ///< commitLogOffset: where it lies in the commit log.
  TransactionDecision decision = TransactionDecision::unknown;
  bool from_check = false;  ///< The answer to a check of the broker; false: said by the sender itself.
};

/// What has become of transactions since the start, and what waits. All counts are of messages.
struct TransactionTotals {
  std::int64_t pending = 0;                  ///< Half messages without an end.
  std::int64_t oldest_pending_begun_ms = 0;  ///< Store time of the oldest of them, ms since the epoch; 0 without any.
  std::int64_t committed = 0;
  std::int64_t rolled_back = 0;
  std::int64_t ended_again = 0;     ///< Ends of what had ended already.
  std::int64_t checks_sent = 0;     ///< Questions to producers.
  std::int64_t checks_unheard = 0;  ///< Due, but no producer of the group was connected.
  std::int64_t discarded = 0;       ///< Moved to TRANS_CHECK_MAX_TIME_TOPIC.
  std::int64_t rewritten = 0;       ///< Half messages stored again at the end of the half topic.
};

/// Ends transactions whose half messages were stored. Offered by the transaction plug-in; a protocol plug-in hands the
/// ends of its clients to it.
///
/// Threads: any; nothing waits for the disk. What a success said survives `kill -9`.
class TENON_EXPORT TransactionCoordinator : public Capability {
 public:
  static constexpr CapabilityId kId{"tenon.transaction-coordinator", 1};

  using Ended = std::function<void(Status)>;

  /// Commits (stores the message in its real topic) or rolls back. `ended` runs exactly once, usually inline, else on
  /// another thread that ends a transaction at this moment; it must not block.
  ///
  /// Saying the same thing again is a success and stores nothing twice. Errors, with RocketMQ's texts where it has one:
  /// internal (no such half message, another group, other offsets, ended the other way before), illegal_operation
  /// (a sender's own word after its CHECK_IMMUNITY_TIME_IN_SECONDS), busy (being ended or checked at this moment),
  /// service_not_available, io, shutting_down.
  virtual void end(const EndTransactionRequest& request, Ended ended) = 0;

  /// Begins the checks of a half message anew, with a count of 0. `message` is a half message that waits, or one in
  /// TRANS_CHECK_MAX_TIME_TOPIC, which becomes a half message again. Errors: query_not_found (neither), internal (it
  /// has ended), service_not_available, io.
  virtual Status resume_check(PhysicalOffset message) = 0;

  virtual TransactionTotals totals() const = 0;
};

}  // namespace tenon
