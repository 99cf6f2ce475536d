// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <memory>
#include <vector>

#include "half_actions.hpp"
#include "topic_reader.hpp"

namespace tenon::transaction {

/// Chooses the connection to ask about a transaction: the open connections of the producer group in turn.
/// Threads: one at a time.
class ProducerChoice {
 public:
  explicit ProducerChoice(const ClientRegistry& clients) : clients_(clients) {}
  /// nullptr when no producer of the group is connected.
  std::shared_ptr<ClientChannel> next_of(std::string_view group);

 private:
  const ClientRegistry& clients_;
  std::size_t turn_ = 0;
};

/// One look at everything that is pending: what is due is stored again and asked about, what was asked too often or is
/// too old is given up. Source: broker-semantics.md 9.4.
///
/// What differs from RocketMQ, and why:
/// - It knows exactly what has ended (HalfLedger), so nothing that has ended is asked about, however late op records
///   are.
/// - A half message that is not due yet because of its own immunity is set aside in memory instead of being stored
///   again in each round, and uses up no check.
/// - A check that nobody could hear, because no producer of the group is connected, does not count; the message waits
///   without being stored again. It is given up when it is older than `age_max`.
/// Threads: one at a time; may wait for the disk.
class CheckRound {
 public:
  CheckRound(const Parts& parts, const HalfActions& actions, ProducerChoice& producers);

  /// Works off a slice, so that a flood of due messages is spread over time. True when the round is over.
  bool step();

 private:
  /// What examining one half message came to.
  enum class Verdict { passed, too_young, store_fails };

  bool step_deferred();
  bool step_scan();
  bool slice_is_full() const noexcept;
  Verdict examine(const HalfMessage& half);
  Verdict set_aside(const HalfMessage& half, std::int64_t due_ms);
  Verdict give_up(const HalfMessage& half);
  Verdict leave_lying(const HalfMessage& half, const Error& why);
  Verdict ask(const HalfMessage& half, const std::shared_ptr<ClientChannel>& channel);
  Verdict renew(const HalfMessage& half, std::int32_t check_times, const std::shared_ptr<ClientChannel>& channel);
  void send_check(const HalfMessage& half, const AppendReceipt& renewed, std::string_view properties,
                  ClientChannel& channel);
  std::int64_t due_ms_of(const HalfMessage& half) const;
  bool too_old(const HalfMessage& half) const;
  /// So far behind the cursor that the next start would have to read much again.
  bool far_behind(const HalfMessage& half) const;

  const Parts& parts_;
  const HalfActions& actions_;
  ProducerChoice& producers_;
  const std::int64_t start_ms_;
  const QueueOffset end_;  ///< What was stored since is for the next round.
  TopicReader deferred_;
  TopicReader reader_;
  bool deferred_done_ = false;
  std::int64_t slice_messages_ = 0;
  std::int64_t slice_bytes_ = 0;
};

}  // namespace tenon::transaction
