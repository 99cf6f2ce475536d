// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <boost/asio/any_io_executor.hpp>
#include <chrono>
#include <cstdint>
#include <memory>
#include <mutex>
#include <vector>

#include "routing/plugin_faults.hpp"
#include "routing/role_keeper.hpp"
#include "tenon/commit_gate.hpp"
#include "tenon/publishing.hpp"
#include "tenon/services.hpp"

namespace tenon::kernel {

/// Stored messages whose answers wait until every commit gate has let them pass.
///
/// What one turn of an executor has stored waits together, up to the end of the last of it: the log takes it in
/// together (AppendGathering), so one question to each gate and one completion do for all of it, instead of some
/// allocations, locks and a completion for each message. Only the first is asked for at once, while the turn still
/// gathers: a store forces a lone message at the end of its turn, on the thread of the turn. A broker that is not the
/// master any more answers with an error: the message may be lost with its log. Threads: any. Lives longer than the
/// executors run.
class GatedAnswers {
 public:
  GatedAnswers(const RoleKeeper& role, PluginFaults& faults, std::chrono::milliseconds gate_timeout)
      : role_(role), faults_(faults), gate_timeout_(gate_timeout) {}

  void wire(std::vector<Keyed<CommitGate>> gates) { gates_ = std::move(gates); }
  bool all_open(PhysicalOffset end) const noexcept;
  /// Answers on the completion's executor. `stored` holds a receipt. When it throws, nothing was taken.
  void add(Result<PublishReceipt>&& stored, const std::shared_ptr<PublishCompletion>& completion, std::uint64_t token);
  /// Answers now.
  static void answer(const RoleKeeper& role, PublishCompletion& completion, std::uint64_t token,
                     const Result<PublishReceipt>& stored);

 private:
  class Group;

  void open_group(const boost::asio::any_io_executor& executor);
  void close(const std::shared_ptr<Group>& group);
  void ask_gates(const std::shared_ptr<Group>& group);

  const RoleKeeper& role_;
  PluginFaults& faults_;
  const std::chrono::milliseconds gate_timeout_;
  std::vector<Keyed<CommitGate>> gates_;
  std::mutex mutex_;
  std::vector<std::shared_ptr<Group>> open_;  ///< At most one an executor; it takes what follows in its turn.
};

}  // namespace tenon::kernel
