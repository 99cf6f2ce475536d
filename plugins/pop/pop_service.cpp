// SPDX-License-Identifier: Apache-2.0
#include "pop_service.hpp"

#include <algorithm>

#include "names.hpp"
#include "state_file/state_file.hpp"

namespace tenon::pop {
namespace {

/// How often those who wait are looked at, while anybody waits.
constexpr std::chrono::milliseconds kBusyTick{50};
constexpr std::chrono::milliseconds kIdleTick{1000};
constexpr std::int64_t kReviveEveryMs = 500;
constexpr std::int64_t kSaveEveryMs = 10'000;
/// A request whose time was over so long ago is answered without a look.
constexpr std::int64_t kLateMs = 500;

Error resting() {
  return {Errc::service_not_available, "this broker gives no messages out: it is no master, or about to stop"};
}

std::int64_t deadline_of(const PopRequest& request, std::int64_t now_ms) {
  const std::int64_t born = request.born_time_ms == 0 ? now_ms : request.born_time_ms;
  // Not longer than it said, however wrong its clock is.
  return std::min(born, now_ms) + request.poll_time.count();
}

/// For a check point that takes the place of one of `before_ms`: in the same millisecond it would have the same
/// identity, and the acknowledgement that ends the one would end both.
std::int64_t next_pop_time(std::int64_t before_ms, std::int64_t now_ms) {
  constexpr std::int64_t kAheadMaxMs = 1000;  // further ahead it is no receipt of this broker
  return before_ms >= now_ms && before_ms - now_ms < kAheadMaxMs ? before_ms + 1 : now_ms;
}

}  // namespace

/// A PoppedMessage that outlives the call.
struct PopService::OwnedMessage {
  OwnedMessage(const PoppedMessage& message, Receipt parsed)
      : group(message.group),
        topic(message.topic),
        queue_id(message.queue_id),
        offset(message.offset),
        receipt(std::move(parsed)) {}

  OrderedQueue queue() const { return {topic, group, queue_id}; }
  CheckPointId check_point() const {
    return {group, topic, queue_id, receipt.start_offset, receipt.pop_time_ms, receipt.broker_name};
  }

  std::string group, topic;
  std::int32_t queue_id;
  QueueOffset offset;
  Receipt receipt;
};

PopService::PopService(const Parts& parts)
    : parts_(parts),
      offsets_(parts),
      log_(parts),
      popper_(parts, offsets_, log_, ordered_),
      waiting_(*parts.settings),
      work_(*parts.host) {}

PopService::~PopService() = default;

void PopService::open() { modes_.open(parts_.host->data_dir(), parts_.host->log()).value(); }

void PopService::begin() {
  ordered_path_ = parts_.host->data_dir() / "config" / "consumerOrderInfo.json";
  state_file::read_decodable(
      ordered_path_, [this](std::string_view json) { return ordered_.decode(json); }, parts_.host->log())
      .value();
  for (std::int32_t queue_id = 0; queue_id < kReviveQueues; ++queue_id) {
    revivers_.push_back(std::make_unique<Reviver>(
        parts_, offsets_, queue_id,
        [this](std::string_view group, std::string_view topic) { waiting_.retry_came_for(group, topic); }));
  }
  ticked_ms_ = parts_.host->now_ms();
  work_.start([this] { return tick(); });
}

void PopService::end() {
  // First nothing runs any more, so that nobody comes to those who wait behind their last answer.
  work_.stop();
  waiting_.end();
  if (revivers_.empty()) return;
  offsets_.settle();
  ordered_saved_ms_ = 0;
  save_ordered();
}

std::chrono::milliseconds PopService::tick() {
  const std::int64_t now = parts_.host->now_ms();
  waiting_.expire(now);
  wake_freed_queues();
  offsets_.settle();
  bool more = false;
  if (now - revived_ms_ >= kReviveEveryMs || now < revived_ms_) {
    more = revive();
    if (!more) revived_ms_ = now;
  }
  save_ordered();
  if (more) return std::chrono::milliseconds(0);
  return waiting_.empty() && offsets_.empty() ? kIdleTick : kBusyTick;
}

bool PopService::revive() {
  bool more = false;
  for (const auto& reviver : revivers_) more = reviver->step() || more;
  return more;
}

void PopService::wake_freed_queues() {
  const std::int64_t now = parts_.host->now_ms();
  for (const OrderedQueue& queue : ordered_.freed(std::exchange(ticked_ms_, now), now))
    waiting_.message_came_for(queue.group, queue.topic, queue.queue_id);
}

void PopService::save_ordered() {
  const std::int64_t now = parts_.host->now_ms();
  // A clock that was set back is no reason to wait for it.
  if (now >= ordered_saved_ms_ && now - ordered_saved_ms_ < kSaveEveryMs) return;
  ordered_saved_ms_ = now;
  ordered_.clean(now, [this](const OrderedQueue& queue) {
    const auto topic = parts_.topics->find(queue.topic);
    return !topic || queue.queue_id >= topic->read_queue_nums || !parts_.groups->find(queue.group);
  });
  if (!ordered_.take_changed()) return;
  if (const Status written = state_file::replace(ordered_path_, ordered_.encode()); !written)
    parts_.host->log().warn("what was given out in order is not written down: ", written.error().message());
}

/// Keeps the request until a message comes or its time is over.
template <class Attempt, class Answer>
void PopService::wait_for(const CheckedPop& checked, std::int64_t deadline_ms, Attempt attempt, Answer full) {
  const PopRequest& request = checked.request;
  const bool first_of_all = waiting_.empty();
  const bool waits =
      waiting_.add({request.topic, request.group, request.queue_id, deadline_ms, request.client, std::move(attempt)});
  if (!waits) return full();
  // The clock ticks slowly while nobody waits. And what came just before was told to nobody.
  if (first_of_all) work_.hurry();
  waiting_.message_came_for(request.group, request.topic, request.queue_id);
}

void PopService::pop(PopRequest request, Popped popped) {
  auto work = [this, request = std::move(request), popped]() mutable {
    begin_pop(std::move(request), std::move(popped));
  };
  if (!work_.post(std::move(work))) popped(resting());
}

/// Whoever asked is answered, whatever fails: a request that waited on after a failure would fail again and again, and
/// keep all behind it from their answers.
Result<PopOutcome> PopService::take(const CheckedPop& checked) {
  try {
    auto outcome = popper_.pop(checked);
    if (outcome) wake_next(checked.request, *outcome);
    return outcome;
  } catch (const std::exception& failure) {
    return Error(Errc::internal, failure.what());
  }
}

void PopService::begin_pop(PopRequest request, Popped popped) {
  const std::int64_t now = parts_.host->now_ms();
  const std::int64_t deadline = deadline_of(request, now);
  if (deadline < now - kLateMs) return popped(PopOutcome{});
  auto checked = popper_.check(std::move(request));
  if (!checked) return popped(checked.error());
  auto outcome = take(*checked);
  if (!outcome || outcome->status == PopStatus::found || deadline <= now) return popped(std::move(outcome));
  auto attempt = [this, checked = *checked, popped](bool last) {
    auto again = take(checked);
    const bool answers = last || !again || again->status == PopStatus::found;
    if (answers) popped(std::move(again));
    return answers;
  };
  wait_for(*checked, deadline, std::move(attempt), [&] {
    outcome->status = PopStatus::polling_full;
    popped(std::move(outcome));
  });
}

/// Who waits is woken once, however many messages came: what one leaves is for the next.
void PopService::wake_next(const PopRequest& request, const PopOutcome& outcome) {
  if (outcome.status != PopStatus::found || outcome.rest == 0 || !waiting_.has(request.topic)) return;
  // Later, for those who wait may be walked through just now. Refused only while stopping: then everybody is answered.
  (void)work_.post([this, group = request.group, topic = request.topic, queue_id = request.queue_id] {
    waiting_.message_came_for(group, topic, queue_id);
  });
}

void PopService::await_messages(PopRequest request, std::function<void(Result<PopStatus>)> found) {
  auto work = [this, request = std::move(request), found]() mutable {
    begin_await(std::move(request), std::move(found));
  };
  if (!work_.post(std::move(work))) found(resting());
}

void PopService::begin_await(PopRequest request, std::function<void(Result<PopStatus>)> found) {
  const std::int64_t now = parts_.host->now_ms();
  const std::int64_t deadline = deadline_of(request, now);
  const auto checked = popper_.check(std::move(request));
  if (!checked) return found(checked.error());
  if (popper_.has_messages(checked->request)) return found(PopStatus::found);
  if (deadline <= now) return found(PopStatus::polling_timeout);
  auto attempt = [this, checked = *checked, found](bool last) {
    const bool any = popper_.has_messages(checked.request);
    if (any || last) found(any ? PopStatus::found : PopStatus::polling_timeout);
    return any || last;
  };
  wait_for(*checked, deadline, std::move(attempt), [&] { found(PopStatus::polling_full); });
}

void PopService::peek(PopRequest request, Popped peeked) {
  auto work = [this, request = std::move(request), peeked]() mutable {
    const auto checked = popper_.check(std::move(request));
    checked ? peeked(popper_.peek(checked->request)) : peeked(checked.error());
  };
  if (!work_.post(std::move(work))) peeked(resting());
}

std::int32_t PopService::waiting(std::string_view group, std::string_view topic, std::int32_t queue_id) const {
  return waiting_.count(group, topic, queue_id);
}

void PopService::appended(std::string_view topic, std::int32_t queue_id, QueueOffset) noexcept {
  if (!waiting_.has(topic)) return;
  const std::scoped_lock lock(came_mutex_);
  const bool first = came_.empty();
  came_.emplace(topic, queue_id);
  // One piece of work at a time, however fast messages come. Refused only while stopping: then everybody is answered.
  if (first) (void)work_.post([this] { wake_for_new_messages(); });
}

void PopService::wake_for_new_messages() {
  Queues queues;
  {
    const std::scoped_lock lock(came_mutex_);
    queues.swap(came_);
  }
  for (const auto& [topic, queue_id] : queues) waiting_.message_came(topic, queue_id);
}

Result<Receipt> PopService::check(const PoppedMessage& message, EndOfQueue end) const {
  const auto topic = parts_.topics->find(message.topic);
  if (!topic) return Error(Errc::topic_not_exist, text("topic[", message.topic, "] not exist"));
  if (message.queue_id < 0 || message.queue_id >= topic->read_queue_nums) {
    return Error(Errc::message_illegal, text("queueId[", message.queue_id, "] is illegal, topic:[", message.topic,
                                             "] topicConfig.readQueueNums:[", topic->read_queue_nums, "]"));
  }
  const QueueBounds bounds = parts_.store->bounds(message.topic, message.queue_id);
  const bool beyond = end == EndOfQueue::a_message ? message.offset > bounds.max : message.offset >= bounds.max;
  if (message.offset < bounds.min || beyond) {
    return Error(Errc::query_not_found, text("offset ", message.offset, " is not in the queue, which has [", bounds.min,
                                             ", ", bounds.max, ")"));
  }
  return parse_receipt(message.receipt);
}

void PopService::acknowledge(const PoppedMessage& message, Done done) {
  auto receipt = check(message, EndOfQueue::a_message);  // as RocketMQ takes it
  if (!receipt) return done(receipt.error());
  const OwnedMessage owned(message, std::move(*receipt));
  if (owned.receipt.revive_queue_id == kOrderedReviveQueue) return acknowledge_in_order(owned, done);
  if (owned.receipt.revive_queue_id >= kReviveQueues)
    return done(Error(Errc::invalid_parameter, text("there is no revive queue ", owned.receipt.revive_queue_id)));
  done(log_.write(Acknowledgement{owned.check_point(), {owned.offset}}, owned.receipt.revive_queue_id,
                  revive_time_ms(owned.receipt.pop_time_ms, owned.receipt.invisible_ms)));
}

/// False: it is not among what was given out last.
bool PopService::end_in_order(const OrderedQueue& queue, QueueOffset offset, std::int64_t pop_time_ms) {
  const auto outcome = ordered_.acknowledge(queue, offset, pop_time_ms);
  if (outcome.verdict == OrderedQueues::Verdict::advanced) {
    offsets_.advance(queue.group, queue.topic, queue.queue_id, outcome.offset, {0});
    if (!ordered_.is_blocked(queue, {}, parts_.host->now_ms()))
      waiting_.message_came_for(queue.group, queue.topic, queue.queue_id);
  }
  return outcome.verdict != OrderedQueues::Verdict::unknown;
}

void PopService::acknowledge_in_order(const OwnedMessage& message, const Done& done) {
  auto work = [this, message, done] {
    if (end_in_order(message.queue(), message.offset, message.receipt.pop_time_ms)) return done({});
    done(Error(Errc::message_illegal,
               text("offset ", message.offset, " is not among those of ", message.topic, " that were given out last")));
  };
  if (!work_.post(std::move(work))) done(resting());
}

Status PopService::acknowledge_batch(const PoppedBatch& batch) {
  const std::string topic =
      batch.source == PopSource::topic ? batch.topic : retry_topic_of(batch.group, batch.topic, batch.source);
  const auto config = parts_.topics->find(topic);
  if (!config) return Error(Errc::topic_not_exist, text("topic[", topic, "] not exist"));
  if (batch.queue_id < 0 || batch.queue_id >= config->read_queue_nums || batch.revive_queue_id < 0) return {};
  const std::string broker(parts_.identity->broker_name());
  if (batch.revive_queue_id == kOrderedReviveQueue) {
    // One piece of work: an entry of a few bytes may name thousands of messages.
    auto work = [this, queue = OrderedQueue{topic, batch.group, batch.queue_id}, offsets = batch.offsets,
                 pop_time_ms = batch.pop_time_ms] {
      for (const QueueOffset offset : offsets) end_in_order(queue, offset, pop_time_ms);
    };
    return work_.post(std::move(work)) ? Status() : Status(resting());
  }
  if (batch.revive_queue_id >= kReviveQueues) return {};
  const QueueBounds bounds = parts_.store->bounds(topic, batch.queue_id);
  Acknowledgement acknowledgement{{batch.group, topic, batch.queue_id, batch.start_offset, batch.pop_time_ms, broker},
                                  {}};
  std::ranges::copy_if(batch.offsets, std::back_inserter(acknowledgement.offsets),
                       [&](QueueOffset offset) { return offset >= bounds.min && offset <= bounds.max; });
  if (acknowledgement.offsets.empty()) return {};
  return log_.write(acknowledgement, batch.revive_queue_id,
                    revive_time_ms(batch.pop_time_ms, batch.invisible_time.count()));
}

void PopService::change_invisible_time(const PoppedMessage& message, std::chrono::milliseconds invisible_time,
                                       Changed changed) {
  auto receipt = check(message, EndOfQueue::nothing);
  if (!receipt) return changed(receipt.error());
  const OwnedMessage owned(message, std::move(*receipt));
  if (owned.receipt.revive_queue_id == kOrderedReviveQueue) return change_in_order(owned, invisible_time, changed);
  changed(change(owned, invisible_time));
}

/// A check point of its own takes the message over from the one that it was given out with.
Result<ChangedInvisibleTime> PopService::change(const OwnedMessage& message, std::chrono::milliseconds invisible_time) {
  const std::int32_t revive_queue_id = message.receipt.revive_queue_id;
  if (revive_queue_id >= kReviveQueues)
    return Error(Errc::invalid_parameter, text("there is no revive queue ", revive_queue_id));
  CheckPoint check_point;
  check_point.id = message.check_point();
  check_point.id.start_offset = message.offset;
  check_point.id.pop_time_ms = next_pop_time(message.receipt.pop_time_ms, parts_.host->now_ms());
  check_point.invisible_ms = invisible_time.count();
  check_point.distances = {0};
  if (const auto written = log_.write(check_point, revive_queue_id); !written)
    return Error(Errc::internal, written.error().message());
  const Status acknowledged = log_.write(Acknowledgement{message.check_point(), {message.offset}}, revive_queue_id,
                                         revive_time_ms(message.receipt.pop_time_ms, message.receipt.invisible_ms));
  if (!acknowledged)
    parts_.host->log().warn("a message will come twice, its first check point is not ended: ",
                            acknowledged.error().message());
  return ChangedInvisibleTime{check_point.id.pop_time_ms, invisible_time, revive_queue_id};
}

void PopService::change_in_order(const OwnedMessage& message, std::chrono::milliseconds invisible_time,
                                 const Changed& changed) {
  auto work = [this, message, invisible_time, changed] {
    const std::int64_t visible = parts_.host->now_ms() + invisible_time.count();
    const std::int64_t pop_time = message.receipt.pop_time_ms;
    // A receipt of an earlier request changes nothing, and is no error to RocketMQ.
    (void)ordered_.change_visible_time(message.queue(), message.offset, pop_time, visible);
    changed(ChangedInvisibleTime{pop_time, std::chrono::milliseconds(visible - pop_time), kOrderedReviveQueue});
  };
  if (!work_.post(std::move(work))) changed(resting());
}

RequestMode PopService::request_mode(std::string_view topic, std::string_view group) const {
  return modes_.find(topic, group);
}

std::vector<RequestMode> PopService::request_modes() const { return modes_.all(); }

Status PopService::set_request_mode(const RequestMode& mode) {
  if (mode.topic.starts_with(kRetryTopicPrefix))
    return Error(Errc::no_permission, text("retry topic [", mode.topic, "] is always pulled"));
  if (!parts_.topics->find(mode.topic)) return Error(Errc::topic_not_exist, text("topic[", mode.topic, "] not exist"));
  if (!parts_.groups->find_or_create(mode.group)) {
    return Error(Errc::subscription_group_not_exist, text("subscription group [", mode.group, "] does not exist"));
  }
  return modes_.set(mode);
}

}  // namespace tenon::pop
