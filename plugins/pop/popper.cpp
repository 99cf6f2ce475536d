// SPDX-License-Identifier: Apache-2.0
#include "popper.hpp"

#include <algorithm>

#include "names.hpp"
#include "popped_records.hpp"
#include "receipt.hpp"

namespace tenon::pop {
namespace {

constexpr std::int32_t kMessagesOfRequestMax = 32;
/// A filter that refuses everything must not keep the others waiting.
constexpr int kReadsMax = 16;
/// It is kept for each queue, and on the disk.
constexpr std::size_t kAttemptIdBytesMax = 255;
/// Of one answer, so that it fits into a frame. A single record may be larger, as for a pull.
constexpr std::int64_t kBytesMax = 4 * 1024 * 1024;

Error refused(Errc code, std::string why) { return {code, std::move(why)}; }

bool matches_all(const PopRequest& request) {
  return request.expression_type == "TAG" && (request.expression.empty() || request.expression == "*");
}

bool is_outside(ReadStatus status) {
  return status == ReadStatus::offset_too_small || status == ReadStatus::offset_overflow_badly ||
         status == ReadStatus::offset_found_null;
}

}  // namespace

Result<CheckedPop> Popper::check(PopRequest request) const {
  if (request.max_messages > kMessagesOfRequestMax) {
    return refused(Errc::invalid_parameter,
                   text("a request gets at most ", kMessagesOfRequestMax, " messages, not ", request.max_messages));
  }
  if (request.attempt_id.size() > kAttemptIdBytesMax)
    return refused(Errc::invalid_parameter, text("attemptId has more than ", kAttemptIdBytesMax, " characters"));
  const auto topic = parts_.topics->find(request.topic);
  if (!topic) return refused(Errc::topic_not_exist, text("topic[", request.topic, "] not exist"));
  if ((topic->perm & permission::read) == 0)
    return refused(Errc::no_permission, text("the topic [", request.topic, "] peeking message is forbidden"));
  if (request.queue_id >= topic->read_queue_nums) {
    return refused(Errc::invalid_parameter, text("queueId[", request.queue_id, "] is illegal, topic:[", request.topic,
                                                 "] topicConfig.readQueueNums:[", topic->read_queue_nums, "]"));
  }
  const auto group = parts_.groups->find_or_create(request.group);
  if (!group) {
    return refused(Errc::subscription_group_not_exist, text("subscription group [", request.group, "] does not exist"));
  }
  if (!group->consume_enable)
    return refused(Errc::no_permission, text("subscription group no permission, ", request.group));
  // A check point whose messages have nowhere to go would stand in the way of the revival's progress for ever.
  if (!request.ordered && source_of(request.topic, request.group) == PopSource::topic) {
    const Status sound = validate_topic_name(retry_topic_of(request.group, request.topic, PopSource::retry_topic));
    if (!sound) return sound.error();
  }
  CheckedPop checked;
  if (!matches_all(request)) {
    const auto compiler = std::ranges::find(parts_.filters, request.expression_type, &Keyed<FilterCompiler>::key);
    if (compiler == parts_.filters.end()) {
      return refused(Errc::subscription_parse_failed,
                     text("no plug-in is loaded that compiles expressions of type ", request.expression_type));
    }
    auto filter = compiler->service->compile(request.expression);
    if (!filter) return filter.error();
    checked.filter = std::move(*filter);
  }
  checked.request = std::move(request);
  return checked;
}

Result<PopOutcome> Popper::pop(const CheckedPop& checked) {
  const PopRequest& request = checked.request;
  PopOutcome outcome;
  outcome.pop_time_ms = parts_.host->now_ms();
  outcome.invisible_time = request.invisible_time;
  outcome.revive_queue_id = request.ordered ? kOrderedReviveQueue : log_.choose_queue();
  Take take{checked, outcome, std::max(request.max_messages, 1), 0, {}};
  ++turn_;
  // 37 and 100 have no divisor in common: in 100 requests each number comes once.
  const bool retries_first = static_cast<int>(turn_ * 37 % 100) < parts_.settings->retry_percent;
  if (retries_first) take_retries(take);
  take_topic(take);
  if (!retries_first) take_retries(take);
  if (outcome.queues.empty() && take.error.code()) return take.error;
  outcome.status = outcome.queues.empty() ? PopStatus::polling_timeout : PopStatus::found;
  return outcome;
}

void Popper::take_topic(Take& take) {
  const PopRequest& request = take.checked.request;
  const auto topic = parts_.topics->find(request.topic);
  if (!topic) return;
  const Source source{PopSource::topic, request.topic, topic->read_queue_nums};
  if (request.queue_id >= 0) return take_queue(take, source, request.queue_id);
  for (std::int32_t step = 0; step < source.queues; ++step) {
    take_queue(take, source,
               static_cast<std::int32_t>((turn_ + static_cast<std::uint32_t>(step)) %
                                         static_cast<std::uint32_t>(source.queues)));
  }
}

template <class Visit>
void Popper::for_each_retry_topic(const PopRequest& request, Visit&& visit) const {
  for (const PopSource kind : {PopSource::retry_topic, PopSource::retry_topic_v2}) {
    std::string name = retry_topic_of(request.group, request.topic, kind);
    if (const auto topic = parts_.topics->find(name)) visit(Source{kind, std::move(name), topic->read_queue_nums});
  }
}

/// What is tried again is given to whoever asks, whatever the queue, but never in order.
void Popper::take_retries(Take& take) {
  if (take.checked.request.ordered) return;
  for_each_retry_topic(take.checked.request, [&](const Source& source) {
    for (std::int32_t queue_id = 0; queue_id < source.queues; ++queue_id) take_queue(take, source, queue_id);
  });
}

QueueOffset Popper::begin_of(const PopRequest& request, const Source& source, std::int32_t queue_id) {
  const auto set = [&](QueueOffset offset) {
    offsets_.forget(request.group, source.topic, queue_id);
    ordered_.forget({source.topic, request.group, queue_id});
    // Refused only where topic or group are gone meanwhile.
    (void)parts_.offsets->commit(request.group, source.topic, queue_id, offset);
    return offset;
  };
  if (const auto reset = parts_.resets->take_reset(request.group, source.topic, queue_id)) return set(*reset);
  if (const auto known = offsets_.find(request.group, source.topic, queue_id)) return *known;
  const QueueBounds bounds = parts_.store->bounds(source.topic, queue_id);
  if (source.kind != PopSource::topic || request.begin == PopBegin::oldest) return set(bounds.min);
  // A queue so young that all of it lies in memory is read from its begin, any other from its newest message.
  const auto young = parts_.offsets->starting_offset(request.group, source.topic, queue_id, true);
  return set(young ? *young : std::max(bounds.min, bounds.max - 1));
}

ReadResult Popper::read(const CheckedPop& checked, const Source& source, std::int32_t queue_id, QueueOffset begin,
                        std::int32_t max_messages) {
  ReadRequest request;
  request.topic = source.topic;
  request.queue_id = queue_id;
  request.offset = begin;
  request.max_messages = max_messages;
  request.filter = checked.filter.get();
  request.form = ReadForm::in_memory;
  ReadResult read = parts_.store->read(request);
  for (int reads = 1; reads < kReadsMax; ++reads) {
    const bool passed_by = read.status == ReadStatus::no_matched_message;
    if (!passed_by && !is_outside(read.status)) break;
    if (read.next_queue_offset == request.offset || read.next_queue_offset >= read.max_queue_offset) break;
    request.offset = read.next_queue_offset;
    read = parts_.store->read(request);
  }
  return read;
}

void Popper::take_queue(Take& take, const Source& source, std::int32_t queue_id) {
  const PopRequest& request = take.checked.request;
  const QueueOffset begin = begin_of(request, source, queue_id);
  if (take.left <= 0) {
    const QueueBounds bounds = parts_.store->bounds(source.topic, queue_id);
    take.outcome.rest += std::max<std::int64_t>(0, bounds.max - std::max(begin, bounds.min));
    return;
  }
  if (request.ordered &&
      ordered_.is_blocked({source.topic, request.group, queue_id}, request.attempt_id, take.outcome.pop_time_ms)) {
    return;
  }
  ReadResult read = this->read(take.checked, source, queue_id, begin, take.left);
  if (read.status == ReadStatus::found && !take.outcome.queues.empty() && take.bytes + read.total_bytes > kBytesMax) {
    take.left = 0;  // the next request gets it
    take.outcome.rest += read.max_queue_offset - begin;
    return;
  }
  if (read.status == ReadStatus::found) return give(take, source, queue_id, std::move(read));
  take.outcome.rest += std::max<std::int64_t>(0, read.max_queue_offset - read.next_queue_offset);
  const bool moved = read.status == ReadStatus::no_matched_message || is_outside(read.status);
  if (moved && read.next_queue_offset != begin)
    offsets_.advance(request.group, source.topic, queue_id, read.next_queue_offset, {0});
}

/// Writes down what is about to be given out; false: it must not be.
bool Popper::note_given(Take& take, const Source& source, PoppedQueue& popped, const ReadResult& read) {
  const PopRequest& request = take.checked.request;
  if (request.ordered) {
    popped.attempts =
        ordered_.give({source.topic, request.group, popped.queue_id},
                      {request.attempt_id, take.outcome.pop_time_ms, request.invisible_time.count(), popped.offsets});
    // What lies before the first message is done.
    offsets_.advance(request.group, source.topic, popped.queue_id, popped.start_offset, {0});
    return true;
  }
  CheckPoint check_point;
  check_point.id = {request.group,
                    source.topic,
                    popped.queue_id,
                    popped.start_offset,
                    take.outcome.pop_time_ms,
                    std::string(parts_.identity->broker_name())};
  check_point.invisible_ms = request.invisible_time.count();
  for (const QueueOffset offset : popped.offsets)
    check_point.distances.push_back(static_cast<std::int32_t>(offset - popped.start_offset));
  const auto written = log_.write(check_point, take.outcome.revive_queue_id);
  if (!written) {
    take.error = written.error();
    return false;
  }
  offsets_.advance(request.group, source.topic, popped.queue_id, read.next_queue_offset, *written);
  return true;
}

void Popper::give(Take& take, const Source& source, std::int32_t queue_id, ReadResult read) {
  PoppedQueue popped;
  popped.source = source.kind;
  popped.queue_id = queue_id;
  popped.offsets = offsets_in(read);
  if (popped.offsets.empty()) return;
  popped.start_offset = popped.offsets.front();
  if (!note_given(take, source, popped, read)) return;
  take.left -= static_cast<std::int32_t>(popped.offsets.size());
  take.bytes += read.total_bytes;
  PopOutcome& outcome = take.outcome;
  outcome.rest += std::max<std::int64_t>(0, read.max_queue_offset - read.next_queue_offset);
  if (source.kind == PopSource::topic) {
    std::ranges::move(read.records, std::back_inserter(outcome.records));
    outcome.pins.push_back(std::move(read.pin));
  } else {
    Receipt receipt{popped.start_offset,
                    outcome.pop_time_ms,
                    outcome.invisible_time.count(),
                    outcome.revive_queue_id,
                    source.kind,
                    std::string(parts_.identity->broker_name()),
                    queue_id,
                    {}};
    auto renamed = with_origin(read, take.checked.request.topic, std::move(receipt));
    outcome.records.push_back(MemorySlice{std::span(*renamed)});
    outcome.pins.push_back(std::move(renamed));
  }
  outcome.queues.push_back(std::move(popped));
}

PopOutcome Popper::peek(const PopRequest& request) {
  PopOutcome outcome;
  outcome.pop_time_ms = parts_.host->now_ms();
  const auto topic = parts_.topics->find(request.topic);
  if (!topic) return outcome;
  const CheckedPop checked{request, nullptr};
  const Source source{PopSource::topic, request.topic, topic->read_queue_nums};
  std::int32_t left = std::max(request.max_messages, 1);
  std::int64_t bytes = 0;
  for (std::int32_t queue_id = 0; queue_id < source.queues; ++queue_id) {
    if (request.queue_id >= 0 && queue_id != request.queue_id) continue;
    const QueueBounds bounds = parts_.store->bounds(request.topic, queue_id);
    const QueueOffset begin = offsets_.find(request.group, request.topic, queue_id).value_or(bounds.min);
    if (left <= 0) {
      outcome.rest += std::max<std::int64_t>(0, bounds.max - begin);
      continue;
    }
    ReadResult read = this->read(checked, source, queue_id, begin, left);
    outcome.rest += std::max<std::int64_t>(0, read.max_queue_offset - read.next_queue_offset);
    if (read.status != ReadStatus::found) continue;
    if (!outcome.queues.empty() && bytes + read.total_bytes > kBytesMax) break;
    bytes += read.total_bytes;
    PoppedQueue popped{PopSource::topic, queue_id, begin, offsets_in(read), {}};
    left -= static_cast<std::int32_t>(popped.offsets.size());
    std::ranges::move(read.records, std::back_inserter(outcome.records));
    outcome.pins.push_back(std::move(read.pin));
    outcome.queues.push_back(std::move(popped));
  }
  outcome.status = outcome.queues.empty() ? PopStatus::polling_timeout : PopStatus::found;
  return outcome;
}

bool Popper::has_messages(const PopRequest& request) {
  const std::int64_t now = parts_.host->now_ms();
  const auto any_in = [&](const Source& source, std::int32_t queue_id) {
    if (request.ordered && ordered_.is_blocked({source.topic, request.group, queue_id}, request.attempt_id, now))
      return false;
    const QueueBounds bounds = parts_.store->bounds(source.topic, queue_id);
    const QueueOffset begin = offsets_.find(request.group, source.topic, queue_id).value_or(bounds.min);
    return bounds.max > std::max(begin, bounds.min);
  };
  const auto topic = parts_.topics->find(request.topic);
  if (!topic) return false;
  const Source source{PopSource::topic, request.topic, topic->read_queue_nums};
  for (std::int32_t queue_id = 0; queue_id < source.queues; ++queue_id) {
    if ((request.queue_id < 0 || request.queue_id == queue_id) && any_in(source, queue_id)) return true;
  }
  bool found = false;
  if (!request.ordered) {
    for_each_retry_topic(request, [&](const Source& retries) {
      for (std::int32_t queue_id = 0; queue_id < retries.queues; ++queue_id) found = found || any_in(retries, queue_id);
    });
  }
  return found;
}

}  // namespace tenon::pop
