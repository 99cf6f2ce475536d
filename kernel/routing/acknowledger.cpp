// SPDX-License-Identifier: Apache-2.0
#include "routing/acknowledger.hpp"

#include <algorithm>
#include <atomic>
#include <boost/asio/dispatch.hpp>
#include <mutex>

namespace tenon::kernel {
void Acknowledger::answer(const RoleKeeper& role, PublishCompletion& completion, std::uint64_t token,
                          const Result<PublishReceipt>& stored) {
  if (const Status master = role.check_taking(); !master) return completion.published(token, master.error());
  completion.published(token, stored);
}

namespace {

/// Of a failed flush and failed replicas RocketMQ tells of the replicas (store-format.md 5.6).
bool is_about_replicas(const Error& error) {
  return error.is(Errc::slave_not_available) || error.is(Errc::flush_slave_timeout);
}

}  // namespace

/// A stored message whose answer waits. The last step that is done answers, on the connection's executor.
struct Acknowledger::Pending : std::enable_shared_from_this<Pending> {
  explicit Pending(const RoleKeeper& broker_role) : role(broker_role) {}

  const RoleKeeper& role;
  std::mutex mutex;
  std::size_t steps_left = 1;
  Result<PublishReceipt> stored = PublishReceipt{};
  std::shared_ptr<PublishCompletion> completion;
  std::uint64_t token = 0;

  void add_step() {
    const std::scoped_lock lock(mutex);
    ++steps_left;
  }
  void step_done(const Status& status) {
    {
      const std::scoped_lock lock(mutex);
      if (!status && (!stored->degraded || is_about_replicas(status.error()))) stored->degraded = status.error().code();
      if (--steps_left > 0) return;
    }
    boost::asio::dispatch(completion->executor(), [self = shared_from_this()] {
      answer(self->role, *self->completion, self->token, self->stored);
    });
  }
};

bool Acknowledger::all_gates_open(PhysicalOffset end) const noexcept {
  return std::ranges::all_of(gates_, [end](const auto& gate) { return gate.service->is_safe(end); });
}

void Acknowledger::wait_for_gates(const std::shared_ptr<Pending>& pending, PhysicalOffset end) {
  const auto deadline = std::chrono::steady_clock::now() + gate_timeout_;
  for (const auto& [key, gate, instance] : gates_) {
    if (gate->is_safe(end)) continue;
    pending->add_step();
    // A gate that has called back and throws then must not count twice.
    auto called = std::make_shared<std::atomic<bool>>(false);
    const auto pass = [pending, called](const Status& status) {
      if (!called->exchange(true)) pending->step_done(status);
    };
    try {
      gate->wait_for(end, deadline, pass);
    } catch (...) {
      pass(faults_.caught(instance, "waiting until a message is safe"));
    }
  }
}

void Acknowledger::acknowledge(Result<PublishReceipt>&& stored, const TopicEntryPtr& topic, bool wait,
                               const std::shared_ptr<PublishCompletion>& completion, std::uint64_t token) {
  const PhysicalOffset end = stored->append.physical_end;
  const bool settled = topic->settled.load(std::memory_order_acquire);
  const bool safe = !wait || all_gates_open(end);
  if (settled && safe) return answer(role_, *completion, token, stored);
  auto pending = std::make_shared<Pending>(role_);
  pending->stored = std::move(stored);
  pending->stored->unique_key = {};
  pending->completion = completion;
  pending->token = token;
  if (!settled) {
    pending->add_step();
    topics_.when_settled(topic, [pending] { pending->step_done(Status{}); });
  }
  if (!safe) wait_for_gates(pending, end);
  pending->step_done(Status{});
}

}  // namespace tenon::kernel
