// SPDX-License-Identifier: Apache-2.0
#include "routing/pull_waiters.hpp"

#include <algorithm>

namespace tenon::kernel {
namespace {

bool is_awaited_by(const Arrival& arrival, const WaitingPull& pull) {
  if (arrival.queue_offset < pull.offset) return false;
  if (!pull.filter) return true;
  if (!pull.filter->match_index(arrival.index)) return false;
  return !pull.filter->needs_properties() || pull.filter->match_properties(arrival.properties);
}

}  // namespace

std::optional<PullWaiters::Ticket> PullWaiters::park(WaitingPull pull) {
  const std::scoped_lock lock(mutex_);
  if (pulls_.size() >= waiting_max_) remove_abandoned();
  if (pulls_.size() >= waiting_max_) return std::nullopt;
  const QueueKeyView queue{pull.topic, pull.queue_id};
  auto waiting = by_queue_.find(queue);
  if (waiting == by_queue_.end()) waiting = by_queue_.try_emplace(QueueKey(queue)).first;
  const Ticket ticket{pull.deadline, ++last_id_};
  waiting->second.push_back(pulls_.emplace(ticket, std::move(pull)).first);
  count_.fetch_add(1, std::memory_order_seq_cst);
  return ticket;
}

WaitingPull PullWaiters::remove(ByDeadline::iterator pull) {
  WaitingPull taken = std::move(pull->second);
  const auto queue = by_queue_.find(QueueKeyView{taken.topic, taken.queue_id});
  std::erase(queue->second, pull);
  if (queue->second.empty()) by_queue_.erase(queue);
  pulls_.erase(pull);
  count_.fetch_sub(1, std::memory_order_relaxed);
  return taken;
}

void PullWaiters::remove_abandoned() {
  for (auto pull = pulls_.begin(); pull != pulls_.end();) {
    const auto current = pull++;
    if (current->second.completion.expired()) remove(current);
  }
}

std::optional<WaitingPull> PullWaiters::take(const Ticket& ticket) {
  const std::scoped_lock lock(mutex_);
  const auto found = pulls_.find(ticket);
  if (found == pulls_.end()) return std::nullopt;
  return remove(found);
}

template <class Predicate>
std::vector<WaitingPull> PullWaiters::take_of_queue(const QueueKeyView& key, const Predicate& wanted) {
  std::vector<WaitingPull> taken;
  const std::scoped_lock lock(mutex_);
  const auto queue = by_queue_.find(key);
  if (queue == by_queue_.end()) return taken;
  std::vector<ByDeadline::iterator> matching;
  std::ranges::copy_if(queue->second, std::back_inserter(matching),
                       [&](const auto& pull) { return wanted(pull->second); });
  for (const auto& pull : matching) taken.push_back(remove(pull));
  return taken;
}

std::vector<WaitingPull> PullWaiters::take_matching(const Arrival& arrival) {
  return take_of_queue({arrival.topic, arrival.queue_id},
                       [&](const WaitingPull& pull) { return is_awaited_by(arrival, pull); });
}

std::vector<WaitingPull> PullWaiters::take_below(std::string_view topic, std::int32_t queue_id, QueueOffset end) {
  return take_of_queue({topic, queue_id}, [end](const WaitingPull& pull) { return pull.offset < end; });
}

std::vector<WaitingPull> PullWaiters::take_expired(TimePoint now) {
  std::vector<WaitingPull> taken;
  const std::scoped_lock lock(mutex_);
  while (!pulls_.empty() && pulls_.begin()->first.first <= now) taken.push_back(remove(pulls_.begin()));
  return taken;
}

std::vector<WaitingPull> PullWaiters::take_all() {
  std::vector<WaitingPull> taken;
  const std::scoped_lock lock(mutex_);
  while (!pulls_.empty()) taken.push_back(remove(pulls_.begin()));
  return taken;
}

std::vector<PullWaiters::Wish> PullWaiters::wishes() const {
  std::vector<Wish> all;
  const std::scoped_lock lock(mutex_);
  all.reserve(pulls_.size());
  for (const auto& [ticket, pull] : pulls_) all.push_back({ticket, QueueKey({pull.topic, pull.queue_id}), pull.offset});
  return all;
}

std::optional<PullWaiters::TimePoint> PullWaiters::earliest_deadline() const {
  const std::scoped_lock lock(mutex_);
  if (pulls_.empty()) return std::nullopt;
  return pulls_.begin()->first.first;
}

}  // namespace tenon::kernel
