// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <memory>
#include <vector>

#include "routing/plugin_faults.hpp"
#include "routing/role_keeper.hpp"
#include "routing/topic_table.hpp"
#include "tenon/commit_gate.hpp"
#include "tenon/publishing.hpp"
#include "tenon/services.hpp"

namespace tenon::kernel {

/// Answers a stored message as soon as it may be: at once in the usual case, else when every commit gate has let it
/// pass and a topic that was made for it has settled. A broker that is not the master any more answers with an error:
/// the message may be lost with its log. Threads: any.
class Acknowledger {
 public:
  Acknowledger(TopicTable& topics, const RoleKeeper& role, PluginFaults& faults, std::chrono::milliseconds gate_timeout)
      : topics_(topics), role_(role), faults_(faults), gate_timeout_(gate_timeout) {}

  void wire(std::vector<Keyed<CommitGate>> gates) { gates_ = std::move(gates); }

  /// `wait`: the sender wants to know that the message is safe (property WAIT).
  /// `stored` holds a receipt; it is given on as it is, because a copy of it costs as much as all the checks here.
  void acknowledge(Result<PublishReceipt>&& stored, const TopicEntryPtr& topic, bool wait,
                   const std::shared_ptr<PublishCompletion>& completion, std::uint64_t token);
  bool all_gates_open(PhysicalOffset end) const noexcept;

 private:
  struct Pending;

  static void answer(const RoleKeeper& role, PublishCompletion& completion, std::uint64_t token,
                     const Result<PublishReceipt>& stored);
  void wait_for_gates(const std::shared_ptr<Pending>& pending, PhysicalOffset end);

  TopicTable& topics_;
  const RoleKeeper& role_;
  PluginFaults& faults_;
  const std::chrono::milliseconds gate_timeout_;
  std::vector<Keyed<CommitGate>> gates_;
};

}  // namespace tenon::kernel
