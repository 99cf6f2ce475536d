// SPDX-License-Identifier: Apache-2.0
#include "routing/gated_answers.hpp"

#include <algorithm>
#include <boost/asio/dispatch.hpp>
#include <boost/asio/post.hpp>

namespace tenon::kernel {
namespace {

/// Of a failed flush and failed replicas RocketMQ tells of the replicas (store-format.md 5.6).
bool is_about_replicas(const Error& error) {
  return error.is(Errc::slave_not_available) || error.is(Errc::flush_slave_timeout);
}

/// A turn of the network seldom has more.
constexpr std::size_t kAnswersOfATurn = 64;

}  // namespace

/// The last gate that is heard answers, on the executor of all of its completions.
class GatedAnswers::Group : public std::enable_shared_from_this<Group> {
 public:
  Group(const RoleKeeper& role, boost::asio::any_io_executor executor, std::size_t gates, std::size_t expected)
      : role_(role), executor_(std::move(executor)), expected_(expected), heard_(gates), left_(gates) {}

  const boost::asio::any_io_executor& executor() const noexcept { return executor_; }
  bool empty() const noexcept { return answers_.empty(); }
  PhysicalOffset end() const noexcept { return end_; }

  void add(Result<PublishReceipt>&& stored, const std::shared_ptr<PublishCompletion>& completion, std::uint64_t token) {
    const PhysicalOffset end = stored->append.physical_end;
    stored->unique_key = {};
    if (answers_.empty()) answers_.reserve(expected_);
    answers_.push_back({std::move(stored), completion, token});
    end_ = std::max(end_, end);
  }

  /// A gate that has called back and throws then does not count twice.
  void heard(std::size_t gate, const Status& status) {
    {
      const std::scoped_lock lock(mutex_);
      if (std::exchange(heard_[gate], 1) != 0) return;
      if (!status && (!degraded_ || is_about_replicas(status.error()))) degraded_ = status.error().code();
      if (--left_ > 0) return;
    }
    boost::asio::dispatch(executor_, [self = shared_from_this()] { self->answer_all(); });
  }

 private:
  struct Answer {
    Result<PublishReceipt> stored;
    std::shared_ptr<PublishCompletion> completion;
    std::uint64_t token;
  };

  void answer_all() {
    for (Answer& one : answers_) {
      if (degraded_) one.stored->degraded = degraded_;
      answer(role_, *one.completion, one.token, one.stored);
    }
  }

  const RoleKeeper& role_;
  const boost::asio::any_io_executor executor_;
  const std::size_t expected_;
  // Until it is closed under the lock of the owner.
  std::vector<Answer> answers_;
  PhysicalOffset end_;
  std::mutex mutex_;
  std::vector<char> heard_;  ///< By the place of the gate.
  std::size_t left_;
  std::error_code degraded_;
};

void GatedAnswers::answer(const RoleKeeper& role, PublishCompletion& completion, std::uint64_t token,
                          const Result<PublishReceipt>& stored) {
  if (const Status master = role.check_taking(); !master) return completion.published(token, master.error());
  completion.published(token, stored);
}

bool GatedAnswers::all_open(PhysicalOffset end) const noexcept {
  return std::ranges::all_of(gates_, [end](const auto& gate) { return gate.service->is_safe(end); });
}

void GatedAnswers::add(Result<PublishReceipt>&& stored, const std::shared_ptr<PublishCompletion>& completion,
                       std::uint64_t token) {
  const auto executor = completion->executor();
  std::shared_ptr<Group> first;
  {
    const std::scoped_lock lock(mutex_);
    const auto open = std::ranges::find(open_, executor, [](const auto& group) { return group->executor(); });
    if (open != open_.end()) return (*open)->add(std::move(stored), completion, token);
    open_group(executor);
    first = std::make_shared<Group>(role_, executor, gates_.size(), 1);
    first->add(std::move(stored), completion, token);
  }
  ask_gates(first);
}

/// For what follows in this turn, which has ended when what it posted runs. mutex_ held.
void GatedAnswers::open_group(const boost::asio::any_io_executor& executor) {
  const auto group = std::make_shared<Group>(role_, executor, gates_.size(), kAnswersOfATurn);
  open_.reserve(open_.size() + 1);
  boost::asio::post(executor, [this, group] { close(group); });
  open_.push_back(group);
}

void GatedAnswers::close(const std::shared_ptr<Group>& group) {
  {
    const std::scoped_lock lock(mutex_);
    std::erase(open_, group);
  }
  if (!group->empty()) ask_gates(group);
}

void GatedAnswers::ask_gates(const std::shared_ptr<Group>& group) {
  const auto deadline = std::chrono::steady_clock::now() + gate_timeout_;
  for (std::size_t index = 0; index < gates_.size(); ++index) {
    const auto& [key, gate, instance] = gates_[index];
    try {
      gate->wait_for(group->end(), deadline, [group, index](const Status& status) { group->heard(index, status); });
    } catch (...) {
      group->heard(index, faults_.caught(instance, "waiting until messages are safe"));
    }
  }
}

}  // namespace tenon::kernel
