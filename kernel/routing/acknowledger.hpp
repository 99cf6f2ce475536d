// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <memory>
#include <vector>

#include "routing/gated_answers.hpp"
#include "routing/plugin_faults.hpp"
#include "routing/role_keeper.hpp"
#include "routing/topic_table.hpp"
#include "tenon/commit_gate.hpp"
#include "tenon/publishing.hpp"
#include "tenon/services.hpp"

namespace tenon::kernel {

/// Answers a stored message as soon as it may be: at once in the usual case, else when a topic that was made for it has
/// settled, and then when every commit gate has let it pass (GatedAnswers). Threads: any.
class Acknowledger {
 public:
  Acknowledger(TopicTable& topics, const RoleKeeper& role, PluginFaults& faults, std::chrono::milliseconds gate_timeout)
      : topics_(topics), role_(role), faults_(faults), gated_(role, faults, gate_timeout) {}

  void wire(std::vector<Keyed<CommitGate>> gates) { gated_.wire(std::move(gates)); }

  /// `wait`: the sender wants to know that the message is safe (property WAIT).
  /// `stored` holds a receipt; it is given on as it is, because a copy of it costs as much as all the checks here.
  void acknowledge(Result<PublishReceipt>&& stored, const TopicEntryPtr& topic, bool wait,
                   const std::shared_ptr<PublishCompletion>& completion, std::uint64_t token);
  bool all_gates_open(PhysicalOffset end) const noexcept { return gated_.all_open(end); }

 private:
  struct Unsettled;

  void acknowledge_when_safe(Result<PublishReceipt>&& stored, bool wait,
                             const std::shared_ptr<PublishCompletion>& completion, std::uint64_t token);
  void settled(Unsettled& message) noexcept;

  TopicTable& topics_;
  const RoleKeeper& role_;
  PluginFaults& faults_;
  GatedAnswers gated_;
};

}  // namespace tenon::kernel
