// SPDX-License-Identifier: Apache-2.0
#include "waiting_requests.hpp"

#include <algorithm>

namespace tenon::pop {
namespace {

constexpr std::int32_t kAnyQueue = -1;
/// So that an answer is not later than the client expects it.
constexpr std::int64_t kEarlyMs = 50;
/// Requests with other filters than the message is for must not keep it from those behind them, nor all be tried for
/// it.
constexpr std::size_t kTriesMax = 8;

bool is_there(const WaitingRequests::Request& request) { return !request.client || request.client->is_open(); }

}  // namespace

bool WaitingRequests::add(Request request) {
  if (total_.load(std::memory_order_relaxed) >= settings_.waiting_max) return false;
  const std::scoped_lock lock(mutex_);
  Queue& queue = queues_[{request.topic, request.group, request.queue_id}];
  if (queue.size() >= settings_.waiting_of_queue_max) return false;
  queue.push_back(std::move(request));
  total_.fetch_add(1, std::memory_order_relaxed);
  return true;
}

void WaitingRequests::erase(Queue& queue, Queue::iterator request) {
  const std::scoped_lock lock(mutex_);
  queue.erase(request);
  total_.fetch_sub(1, std::memory_order_relaxed);
}

void WaitingRequests::try_one(Queue& queue) {
  std::size_t tries = std::min(kTriesMax, queue.size());
  while (tries > 0 && !queue.empty()) {
    const auto first = queue.begin();
    const bool there = is_there(*first);
    if (!there || first->attempt(false)) {
      erase(queue, first);
      if (there) return;
      continue;
    }
    --tries;
    const std::scoped_lock lock(mutex_);
    queue.splice(queue.end(), queue, first);
  }
}

void WaitingRequests::message_came(std::string_view topic, std::int32_t queue_id) {
  auto entry = queues_.lower_bound(NameKeyView(topic, {}, INT32_MIN));
  for (; entry != queues_.end() && std::get<0>(entry->first) == topic; ++entry) {
    const std::int32_t wanted = std::get<2>(entry->first);
    if (wanted == kAnyQueue || wanted == queue_id) try_one(entry->second);
  }
}

void WaitingRequests::message_came_for(std::string_view group, std::string_view topic, std::int32_t queue_id) {
  for (const std::int32_t wanted : {kAnyQueue, queue_id}) {
    const auto entry = queues_.find(NameKeyView(topic, group, wanted));
    if (entry != queues_.end()) try_one(entry->second);
    if (queue_id == kAnyQueue) return;
  }
}

void WaitingRequests::retry_came_for(std::string_view group, std::string_view topic) {
  auto entry = queues_.lower_bound(NameKeyView(topic, group, INT32_MIN));
  for (; entry != queues_.end() && std::get<0>(entry->first) == topic && std::get<1>(entry->first) == group; ++entry)
    try_one(entry->second);
}

void WaitingRequests::expire(std::int64_t now_ms) {
  for (auto entry = queues_.begin(); entry != queues_.end();) {
    Queue& queue = entry->second;
    for (auto request = queue.begin(); request != queue.end();) {
      const auto next = std::next(request);
      const bool over = now_ms == INT64_MAX || request->deadline_ms - kEarlyMs <= now_ms;
      if (!is_there(*request)) {
        erase(queue, request);
      } else if (over) {
        request->attempt(true);
        erase(queue, request);
      }
      request = next;
    }
    const std::scoped_lock lock(mutex_);
    entry = queue.empty() ? queues_.erase(entry) : std::next(entry);
  }
}

std::int32_t WaitingRequests::count(std::string_view group, std::string_view topic, std::int32_t queue_id) const {
  const std::scoped_lock lock(mutex_);
  const auto entry = queues_.find(NameKeyView(topic, group, queue_id));
  return entry == queues_.end() ? 0 : static_cast<std::int32_t>(entry->second.size());
}

bool WaitingRequests::has(std::string_view topic) const {
  if (empty()) return false;
  const std::scoped_lock lock(mutex_);
  const auto entry = queues_.lower_bound(NameKeyView(topic, {}, INT32_MIN));
  return entry != queues_.end() && std::get<0>(entry->first) == topic;
}

}  // namespace tenon::pop
