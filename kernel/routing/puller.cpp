// SPDX-License-Identifier: Apache-2.0
#include "routing/puller.hpp"

#include <algorithm>
#include <boost/asio/dispatch.hpp>
#include <boost/asio/post.hpp>

#include "routing/faq_hint.hpp"
#include "routing/young_queue.hpp"

namespace tenon::kernel {
namespace {

/// RocketMQ's maxTransferCountOnMessageInMemory and maxTransferBytesOnMessageInMemory.
constexpr std::int32_t kMessagesMax = 32;
constexpr std::int64_t kBytesMax = 256 * 1024;
constexpr std::chrono::milliseconds kShortPolling{1'000};
/// Clients ask for 15 or 20 s; more would only keep what nobody waits for.
constexpr std::chrono::milliseconds kSuspendMax{120'000};
/// On a slave whose master lives: then the reader asks the master again.
constexpr std::chrono::milliseconds kSlaveHoldMax{1'000};

struct StatusWords {
  PullStatus status;
  std::string_view detail;
};

/// Store status to what the client is told. Source: remoting-protocol.md 2a.2.
StatusWords words_of(ReadStatus status, QueueOffset asked) {
  switch (status) {
    case ReadStatus::found:
      return {PullStatus::found, "FOUND"};
    case ReadStatus::no_matched_message:
      return {PullStatus::retry_immediately, "NO_MATCHED_MESSAGE"};
    case ReadStatus::message_was_removing:
      return {PullStatus::retry_immediately, "MESSAGE_WAS_REMOVING"};
    case ReadStatus::no_message_in_queue:
      return {asked.value != 0 ? PullStatus::offset_moved : PullStatus::not_found, "NO_MESSAGE_IN_QUEUE"};
    case ReadStatus::offset_found_null:
      return {PullStatus::not_found, "OFFSET_FOUND_NULL"};
    case ReadStatus::offset_overflow_one:
      return {PullStatus::not_found, "OFFSET_OVERFLOW_ONE"};
    case ReadStatus::offset_overflow_badly:
      return {PullStatus::offset_moved, "OFFSET_OVERFLOW_BADLY"};
    case ReadStatus::offset_too_small:
      return {PullStatus::offset_moved, "OFFSET_TOO_SMALL"};
    case ReadStatus::not_in_memory:
      break;  // read again on another thread
  }
  return {PullStatus::not_found, "NO_MESSAGE_IN_QUEUE"};
}

}  // namespace

Puller::Puller(const Parts& parts)
    : parts_(parts),
      consumptions_(parts.statistics),
      waiters_(static_cast<std::size_t>(std::max(1, parts.config.pulls_waiting_max))),
      cold_pace_(parts.config.cold_read_bytes_per_second,
                 static_cast<std::size_t>(std::max(1, parts.config.pulls_waiting_max))) {}

Puller::~Puller() {
  if (timer_) timer_->stop();
}

void Puller::start_timer(const boost::asio::any_io_executor& sched) {
  timer_ = std::make_shared<DeadlineTimer>(sched, [this] {
    answer_expired(std::chrono::steady_clock::now());
    arm_timer();
  });
}

void Puller::arm_timer() {
  if (!timer_) return;
  if (const auto earliest = waiters_.earliest_deadline()) timer_->arm(*earliest);
  if (const auto paid = cold_pace_.earliest()) timer_->arm(*paid);
}

void Puller::drain() {
  draining_.store(true);
  for (WaitingPull& pull : waiters_.take_all()) answer(std::move(pull));
  for (WaitingPull& pull : cold_pace_.take_all()) answer(std::move(pull));
}

Status Puller::check_serves_reads() const {
  if (store_ == nullptr) return Error(Errc::service_not_available, "no message store is loaded: this is no broker");
  if (parts_.config.slave_read || parts_.role.broker_id() == 0) return {};
  return Error(Errc::busy, "this broker is a slave and serves no reads (broker.slave_read is false)");
}

Result<std::shared_ptr<const SubscriptionGroupConfig>> Puller::consuming_group(std::string_view name) const {
  auto group = parts_.groups.find_or_create(name);
  if (!group) {
    return Error(Errc::subscription_group_not_exist, text("subscription group [", name, "] does not exist", kFaqHint));
  }
  if (!group->consume_enable) return Error(Errc::no_permission, text("subscription group no permission, ", name));
  return group;
}

Status Puller::check_queue(const PullRequest& request, const TopicConfig* topic) const {
  if (topic == nullptr) {
    return Error(Errc::topic_not_exist, text("topic[", request.topic, "] not exist, apply first please!", kFaqHint));
  }
  if ((topic->perm & permission::read) == 0) {
    return Error(Errc::no_permission, text("the topic[", request.topic, "] pulling message is forbidden"));
  }
  if (request.queue_id < 0 || request.queue_id >= topic->read_queue_nums) {
    return Error(Errc::invalid_parameter, text("queueId[", request.queue_id, "] is illegal, topic:[", request.topic,
                                               "] topicConfig.readQueueNums:[", topic->read_queue_nums, "]"));
  }
  return {};
}

Result<FilterPtr> Puller::registered_filter(const PullRequest& request, const SubscriptionGroupConfig& group) {
  const auto registered = parts_.clients.find_subscription(request.group, request.topic);
  if (!registered) {
    return Error(Errc::subscription_not_exist, text("the consumer's group info not exist", kFaqHint));
  }
  if (registered->message_model == MessageModel::broadcasting && !group.consume_broadcast_enable) {
    return Error(Errc::no_permission, text("the consumer group[", request.group, "] can not consume by broadcast way"));
  }
  if (!registered->subscription) {
    return Error(Errc::subscription_not_exist, text("the consumer's subscription not exist", kFaqHint));
  }
  if (registered->subscription->subscription.version < request.subscription_version) {
    return Error(Errc::subscription_not_latest, "the consumer's subscription not latest");
  }
  return filter_of(*registered->subscription, request.group);
}

Result<FilterPtr> Puller::filter_of(const RegisteredSubscription& registered, std::string_view group) const {
  const Subscription& subscription = registered.subscription;
  if (is_tag_type(subscription.expression_type)) return registered.filter;
  const Result<ConsumerFilterPtr> data = parts_.filters.find(group, subscription.topic);
  if (!data) return data.error();
  if ((*data)->client_version < subscription.version) {
    return Error(Errc::filter_data_not_latest, "the consumer's consumer filter data not latest");
  }
  return (*data)->filter;
}

Result<FilterPtr> Puller::filter_for(const PullRequest& request, const SubscriptionGroupConfig& group,
                                     Consumption& consumption) {
  if (!request.has_subscription) return registered_filter(request, group);
  const std::scoped_lock lock(consumption.mutex);
  return consumption.request_filter.get(parts_.compilers, request.expression_type, request.expression);
}

void Puller::pull(const PullRequest& request, const std::shared_ptr<PullCompletion>& completion, std::uint64_t token) {
  try {
    check_and_read(request, completion, token);
  } catch (...) {
    completion->pulled(token, parts_.faults.caught("kernel", "answering a pull"));
  }
}

void Puller::check_and_read(const PullRequest& request, const std::shared_ptr<PullCompletion>& completion,
                            std::uint64_t token) {
  if (const Status serves = check_serves_reads(); !serves) return completion->pulled(token, serves.error());
  const auto found_group = consuming_group(request.group);
  if (!found_group) return completion->pulled(token, found_group.error());
  const std::shared_ptr<const SubscriptionGroupConfig>& group = *found_group;
  const TopicEntryPtr topic = parts_.topics.lookup(request.topic);
  if (Status fits = check_queue(request, topic ? topic->config.get() : nullptr); !fits) {
    return completion->pulled(token, fits.error());
  }
  const std::shared_ptr<Consumption> consumption = consumptions_.of(request.group, request.topic);
  Result<FilterPtr> filter = filter_for(request, *group, *consumption);
  if (!filter) return completion->pulled(token, filter.error());
  if (request.commit_offset) {
    // The queue is known to be good; a full table must not keep a group from consuming. It has counted the refusal.
    (void)parts_.offsets.commit(request.group, request.topic, request.queue_id, *request.commit_offset);
  }
  const std::int32_t wanted = std::clamp(request.max_messages, 1, kMessagesMax);
  const Plan plan{request.group,         request.topic,    request.queue_id,
                  request.offset,        wanted,           topic->config->sys_flag,
                  group->group_sys_flag, filter->get(),    consumption.get(),
                  request.form,          group->broker_id, group->which_broker_when_consume_slowly};
  const auto kept = [&] {
    return WaitingPull{std::string(plan.group),
                       std::string(plan.topic),
                       plan.queue_id,
                       plan.offset,
                       plan.max_messages,
                       plan.group_sys_flag,
                       std::move(*filter),
                       consumption,
                       completion,
                       token,
                       std::chrono::steady_clock::now() + holding_time(request),
                       plan.form,
                       plan.group_broker_id,
                       plan.slow_broker_id};
  };
  if (must_be_paid(plan)) return read_when_paid(kept());
  Result<PullOutcome> outcome = evaluate(plan, wait_here());
  const bool cold = outcome && outcome->read.status == ReadStatus::not_in_memory;
  const bool hold_it = !cold && outcome && outcome->status == PullStatus::not_found &&
                       request.suspend_timeout.count() > 0 && !draining_.load(std::memory_order_relaxed);
  if (!hold_it && !cold) return completion->pulled(token, std::move(outcome));
  // The wait is for what comes after the place the read has reached.
  cold ? read_cold(kept()) : hold(kept());
}

std::chrono::milliseconds Puller::holding_time(const PullRequest& request) const {
  if (!parts_.config.long_polling) return kShortPolling;
  const bool master_lives = parts_.role.broker_id() != 0 && !parts_.role.master().broker.empty();
  return std::min(request.suspend_timeout, master_lives ? kSlaveHoldMax : kSuspendMax);
}

/// Who has reached the end of its queue waits for messages.
bool Puller::must_be_paid(const Plan& plan) const {
  if (!cold_pace_.is_limited() || !timer_ || draining_.load()) return false;
  if (!cold_pace_.must_wait(*plan.consumption, std::chrono::steady_clock::now())) return false;
  const Result<bool> there = has_something(QueueKey({plan.topic, plan.queue_id}), plan.offset);
  return there && *there;
}

void Puller::read_when_paid(WaitingPull pull) {
  parts_.statistics.count_incident("paced.cold-read");
  pull.deadline = std::max(pull.deadline, std::chrono::steady_clock::now() + ColdReadPace::kLongestWait);
  if (auto back = cold_pace_.park(std::move(pull))) return answer(std::move(*back));
  if (draining_.load()) {
    for (WaitingPull& parked : cold_pace_.take_all()) answer(std::move(parked));
  }
  if (const auto paid = cold_pace_.earliest()) timer_->arm(*paid);
}

/// A page fault on an I/O thread would stop all connections of that thread. The waiting reads are bounded by what
/// connections may have in flight.
void Puller::read_cold(WaitingPull pull) {
  boost::asio::post(disk_, [this, pull = std::move(pull)] {
    const auto completion = pull.completion.lock();
    if (!completion) return;
    auto outcome = std::make_shared<Result<PullOutcome>>(evaluate(plan_of(pull), ReadWait::allowed));
    boost::asio::dispatch(completion->executor(), [completion, outcome, token = pull.token] {
      completion->pulled(token, std::move(*outcome));
    });
  });
}

Result<PullOutcome> Puller::evaluate(const Plan& plan, ReadWait wait) {
  return parts_.faults.guard(store_name_, "reading a queue", [&]() -> Result<PullOutcome> { return read(plan, wait); });
}

PullOutcome Puller::read(const Plan& plan, ReadWait wait) {
  PullOutcome outcome;
  outcome.topic_sys_flag = plan.topic_sys_flag;
  outcome.group_sys_flag = plan.group_sys_flag;
  if (const auto reset = parts_.offsets.take_reset(plan.group, plan.topic, plan.queue_id)) {
    const QueueBounds bounds = store_->bounds(plan.topic, plan.queue_id);
    outcome.status = PullStatus::offset_moved;
    outcome.detail = "OFFSET_RESET";
    outcome.read.next_queue_offset = *reset;
    outcome.read.min_queue_offset = bounds.min;
    outcome.read.max_queue_offset = bounds.max;
    return outcome;
  }
  const ReadRequest wanted{plan.topic, plan.queue_id, plan.offset, plan.max_messages,
                           kBytesMax,  plan.filter,   plan.form,   wait};
  outcome.read = store_->read(wanted);
  if (cold_pace_.is_limited()) cold_pace_.note(*plan.consumption, outcome.read, std::chrono::steady_clock::now());
  const StatusWords words = words_of(outcome.read.status, plan.offset);
  outcome.status = words.status;
  outcome.detail = words.detail;
  outcome.suggest_broker_id = suggested_broker(plan, outcome.read);
  if (outcome.status == PullStatus::offset_moved && parts_.role.broker_id() != 0) {
    // What this slave does not have yet, or does not have any more, its master may have: the reader stays where it is.
    outcome.status = PullStatus::not_found;
    outcome.read.next_queue_offset = plan.offset;
  }
  if (outcome.status == PullStatus::found) {
    plan.consumption->gets->add(outcome.read.message_count, outcome.read.total_bytes);
    parts_.statistics.gets().add(outcome.read.message_count, outcome.read.total_bytes);
  }
  return outcome;
}

/// RocketMQ's rule: a reader of what does not lie in memory any more may go to a slave. A slave sends back whoever has
/// caught up.
std::int64_t Puller::suggested_broker(const Plan& plan, const ReadResult& read) const {
  static const std::int64_t memory_bytes = machine_memory_bytes() / 100 * 40;
  if (!parts_.config.slave_read) return 0;
  return read.bytes_behind > memory_bytes ? plan.slow_broker_id : plan.group_broker_id;
}

Result<bool> Puller::has_something(const QueueKey& queue, QueueOffset offset) const {
  return parts_.faults.guard(store_name_, "looking at a queue", [&]() -> Result<bool> {
    const QueueBounds bounds = store_->bounds(queue.topic, queue.queue_id);
    return bounds.min <= offset && offset < bounds.max;
  });
}

QueueOffset Puller::became_readable(std::string_view topic, std::int32_t queue_id) {
  const Result<QueueBounds> bounds = parts_.faults.guard(
      store_name_, "looking at a queue", [&]() -> Result<QueueBounds> { return store_->bounds(topic, queue_id); });
  if (!bounds) return {};
  if (waiters_.any()) {
    for (WaitingPull& pull : waiters_.take_below(topic, queue_id, bounds->max)) answer(std::move(pull));
  }
  return bounds->max;
}

void Puller::look_again() {
  for (const PullWaiters::Wish& wish : waiters_.wishes()) {
    const Result<bool> there = has_something(wish.queue, wish.offset);
    if (!there || !*there) continue;
    if (auto pull = waiters_.take(wish.ticket)) answer(std::move(*pull));
  }
}

void Puller::hold(WaitingPull pull) {
  const auto completion = pull.completion.lock();
  const std::uint64_t token = pull.token;
  const QueueOffset offset = pull.offset;
  const QueueKey queue({pull.topic, pull.queue_id});
  const auto ticket = waiters_.park(std::move(pull));
  if (!ticket) {
    parts_.statistics.count_incident("refused.held-pull");
    const Error full(Errc::busy, text("too many pulls wait for messages already: ", waiters_.count()));
    return completion->pulled(token, full);
  }
  // A message may have come between the read and the park: its append saw nobody waiting.
  // From here on the held pull has its outcome, so that nothing may be thrown: its deadline answers it then.
  const Result<bool> there = has_something(queue, offset);
  if ((there && *there) || draining_.load()) {
    if (auto back = waiters_.take(*ticket)) return evaluate_again(*back, *completion);
  }
  if (timer_) timer_->arm(ticket->first);
}

void Puller::message_arrived(const Arrival& arrival) {
  if (!waiters_.any()) return;
  for (WaitingPull& pull : waiters_.take_matching(arrival)) answer(std::move(pull));
}

void Puller::answer_expired(std::chrono::steady_clock::time_point now) {
  for (WaitingPull& pull : waiters_.take_expired(now)) answer(std::move(pull));
  for (WaitingPull& pull : cold_pace_.take_due(now)) answer(std::move(pull));
}

void Puller::answer(WaitingPull pull) {
  auto completion = pull.completion.lock();
  if (!completion) return;
  const auto executor = completion->executor();
  boost::asio::dispatch(executor, [this, pull = std::move(pull), completion = std::move(completion)] {
    evaluate_again(pull, *completion);
  });
}

Puller::Plan Puller::plan_of(const WaitingPull& pull) const {
  // The topic may have been deleted meanwhile; then the store says that the queue is empty.
  const auto topic = parts_.topics.find(pull.topic);
  Plan plan;
  plan.group = pull.group;
  plan.topic = pull.topic;
  plan.queue_id = pull.queue_id;
  plan.offset = pull.offset;
  plan.max_messages = pull.max_messages;
  plan.topic_sys_flag = topic ? topic->sys_flag : 0;
  plan.group_sys_flag = pull.group_sys_flag;
  plan.filter = pull.filter.get();
  plan.consumption = pull.consumption.get();
  plan.form = pull.form;
  plan.group_broker_id = pull.group_broker_id;
  plan.slow_broker_id = pull.slow_broker_id;
  return plan;
}

void Puller::evaluate_again(const WaitingPull& pull, PullCompletion& completion) {
  Result<PullOutcome> outcome = evaluate(plan_of(pull), wait_here());
  if (outcome && outcome->read.status == ReadStatus::not_in_memory) return read_cold(pull);
  completion.pulled(pull.token, std::move(outcome));
}

}  // namespace tenon::kernel
