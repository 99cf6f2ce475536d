// SPDX-License-Identifier: Apache-2.0
#include "ordered_queues.hpp"

#include <algorithm>
#include <charconv>

#include "fastjson/reader.hpp"
#include "fastjson/writer.hpp"
#include "tenon/text.hpp"

namespace tenon::pop {
namespace {

constexpr std::size_t kMessagesOfQueueMax = 64;  // the bits of `cm`
constexpr std::int64_t kDayMs = 86'400'000;

std::int64_t number_of(const fastjson::Value& key) { return key.as_i64().value_or(-1); }

}  // namespace

std::int64_t OrderedQueues::State::visible_at(std::size_t index) const {
  const auto changed = visible_ms.find(given.offsets[index].value);
  return changed == visible_ms.end() ? given.pop_time_ms + given.invisible_ms : changed->second;
}

std::int64_t OrderedQueues::State::free_at() const {
  std::int64_t last = 0;
  for (std::size_t index = 0; index < given.offsets.size(); ++index) {
    if (!is_done(index)) last = std::max(last, visible_at(index));
  }
  return last;
}

int OrderedQueues::State::index_of(QueueOffset offset) const {
  const auto found = std::ranges::find(given.offsets, offset);
  return found == given.offsets.end() ? -1 : static_cast<int>(found - given.offsets.begin());
}

bool OrderedQueues::is_blocked(const OrderedQueue& queue, std::string_view attempt_id, std::int64_t now_ms) const {
  const auto found = queues_.find(queue);
  if (found == queues_.end()) return false;
  const State& state = found->second;
  if (!attempt_id.empty() && attempt_id == state.given.attempt_id) return false;
  return state.free_at() > now_ms;
}

std::vector<std::int32_t> OrderedQueues::give(const OrderedQueue& queue, Given given) {
  if (given.offsets.size() > kMessagesOfQueueMax) given.offsets.resize(kMessagesOfQueueMax);
  State next;
  const auto found = queues_.find(queue);
  if (found != queues_.end()) {
    const State& before = found->second;
    const bool again = !given.attempt_id.empty() && given.attempt_id == before.given.attempt_id;
    for (const QueueOffset offset : given.offsets) {
      if (before.index_of(offset) < 0) continue;
      const auto count = before.given_before.find(offset.value);
      const std::int32_t so_far = count == before.given_before.end() ? 0 : count->second;
      if (const std::int32_t times = so_far + (again ? 0 : 1); times > 0) next.given_before[offset.value] = times;
    }
  }
  next.given = std::move(given);
  std::vector<std::int32_t> counts;
  for (const QueueOffset offset : next.given.offsets) {
    const auto count = next.given_before.find(offset.value);
    counts.push_back(count == next.given_before.end() ? 0 : count->second);
  }
  queues_[queue] = std::move(next);
  changed_ = true;
  return counts;
}

OrderedQueues::Acknowledged OrderedQueues::acknowledge(const OrderedQueue& queue, QueueOffset offset,
                                                       std::int64_t pop_time_ms) {
  const auto found = queues_.find(queue);
  if (found == queues_.end() || found->second.given.pop_time_ms != pop_time_ms) return {Verdict::stale, {}};
  State& state = found->second;
  const int index = state.index_of(offset);
  if (index < 0) return {Verdict::unknown, {}};
  state.acknowledged |= std::uint64_t{1} << index;
  changed_ = true;
  for (std::size_t at = 0; at < state.given.offsets.size(); ++at) {
    if (!state.is_done(at)) return {Verdict::advanced, state.given.offsets[at]};
  }
  return {Verdict::advanced, state.given.offsets.back() + 1};
}

bool OrderedQueues::change_visible_time(const OrderedQueue& queue, QueueOffset offset, std::int64_t pop_time_ms,
                                        std::int64_t visible_ms) {
  const auto found = queues_.find(queue);
  if (found == queues_.end() || found->second.given.pop_time_ms != pop_time_ms) return false;
  if (found->second.index_of(offset) < 0) return false;
  found->second.visible_ms[offset.value] = visible_ms;
  changed_ = true;
  return true;
}

void OrderedQueues::clean(std::int64_t now_ms, const std::function<bool(const OrderedQueue&)>& is_gone) {
  const std::size_t removed = std::erase_if(queues_, [&](const auto& entry) {
    const State& state = entry.second;
    const bool old = now_ms - std::max(state.given.pop_time_ms, state.free_at()) > kDayMs;
    return old || is_gone(entry.first);
  });
  changed_ = changed_ || removed > 0;
}

std::vector<OrderedQueue> OrderedQueues::freed(std::int64_t since_ms, std::int64_t now_ms) const {
  std::vector<OrderedQueue> queues;
  for (const auto& [queue, state] : queues_) {
    const std::int64_t free_at = state.free_at();
    if (free_at > since_ms && free_at <= now_ms) queues.push_back(queue);
  }
  return queues;
}

std::string OrderedQueues::encode() const {
  std::string out;
  fastjson::Writer json(out, {fastjson::Layout::pretty});
  json.begin_object().member("orderedConsumptionLevel", "QUEUE").key("table").begin_object();
  const OrderedQueue* before = nullptr;
  for (const auto& [queue, state] : queues_) {
    if (before == nullptr || before->topic != queue.topic || before->group != queue.group) {
      if (before != nullptr) json.end_object();
      json.key(text(queue.topic, '@', queue.group)).begin_object();
    }
    before = &queue;
    const Given& given = state.given;
    json.key(queue.queue_id).begin_object();
    if (!given.attempt_id.empty()) json.member("a", given.attempt_id);
    json.member("cm", static_cast<std::int64_t>(state.acknowledged)).member("i", given.invisible_ms);
    json.member("l", given.pop_time_ms).key("o").begin_array();
    for (std::size_t index = 0; index < given.offsets.size(); ++index)
      json.value(index == 0 ? given.offsets[0].value : given.offsets[index] - given.offsets[0]);
    json.end_array();
    if (!state.given_before.empty()) {
      json.key("oc").begin_object();
      for (const auto& [offset, count] : state.given_before) json.key(offset).value(count);
      json.end_object();
    }
    if (!state.visible_ms.empty()) {
      json.key("ot").begin_object();
      for (const auto& [offset, visible] : state.visible_ms) json.key(offset).value(visible);
      json.end_object();
    }
    json.member("popTime", given.pop_time_ms).end_object();
  }
  if (before != nullptr) json.end_object();
  json.end_object().end_object();
  return out;
}

Status OrderedQueues::decode(std::string_view json) {
  const auto tree = fastjson::parse(json, fastjson::kOwnFile, fastjson::References::none);
  if (!tree) return tree.error();
  const fastjson::Value* table = tree->find("table");
  if (table == nullptr) return Error(Errc::message_illegal, "no table of ordered queues");
  std::map<OrderedQueue, State> queues;
  for (const auto& [name, by_queue] : table->members()) {
    const std::string topic_and_group = name.as_text().value_or("");
    const std::size_t at = topic_and_group.find('@');
    if (at == std::string::npos) continue;
    for (const auto& [id, info] : by_queue.members()) {
      State state;
      state.given.attempt_id = info.text_or("a", "");
      state.given.pop_time_ms = info.i64_or("popTime", 0);
      state.given.invisible_ms = info.i64_or("i", 0);
      state.acknowledged = static_cast<std::uint64_t>(info.i64_or("cm", 0));
      if (const auto* offsets = info.find("o")) {
        for (const fastjson::Value& offset : offsets->elements()) {
          if (state.given.offsets.size() == kMessagesOfQueueMax) break;
          const std::int64_t value = offset.as_i64().value_or(0);
          state.given.offsets.push_back(
              {state.given.offsets.empty() ? value : state.given.offsets.front().value + value});
        }
      }
      if (const auto* counts = info.find("oc")) {
        for (const auto& [offset, count] : counts->members())
          state.given_before[number_of(offset)] = count.as_i32().value_or(0);
      }
      if (const auto* times = info.find("ot")) {
        for (const auto& [offset, visible] : times->members())
          state.visible_ms[number_of(offset)] = visible.as_i64().value_or(0);
      }
      queues[{topic_and_group.substr(0, at), topic_and_group.substr(at + 1),
              static_cast<std::int32_t>(number_of(id))}] = std::move(state);
    }
  }
  queues_ = std::move(queues);
  return {};
}

}  // namespace tenon::pop
