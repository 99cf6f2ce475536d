// SPDX-License-Identifier: Apache-2.0
#include "delay_interceptor.hpp"

#include <algorithm>

#include "names.hpp"
#include "remoting/recall_handle.hpp"

namespace tenon::delay {

/// What the properties ask for. Views of the draft's properties; good until these change.
struct DelayInterceptor::Wish {
  std::string_view delay, delay_sec, delay_ms, deliver_ms, out_ms, delete_key, unique_key;
  std::int64_t level = 0;

  explicit Wish(const PropertiesView& properties) {
    properties.for_each([this](std::string_view name, std::string_view value) {
      if (name == property::delay) delay = value;
      if (name == property::unique_key) unique_key = value;
      if (!name.starts_with("TIMER_D") && !name.starts_with("TIMER_O")) return;
      if (name == property::timer_delay_sec) delay_sec = value;
      if (name == property::timer_delay_ms) delay_ms = value;
      if (name == property::timer_deliver_ms) deliver_ms = value;
      if (name == timer_property::out_ms) out_ms = value;
      if (name == timer_property::delete_key) delete_key = value;
    });
  }
  bool has_time() const noexcept { return !delay_sec.empty() || !delay_ms.empty() || !deliver_ms.empty(); }
};

namespace {

void remember_destination(MessageDraft& draft) {
  draft.set_property(property::real_topic, std::string(draft.message().topic));
  draft.set_property(property::real_queue_id, text(draft.message().queue_id));
}

}  // namespace

void DelayInterceptor::wire(const DelayRules& rules, const BrokerIdentity& identity, Clock now_ms) {
  rules_ = &rules;
  identity_ = &identity;
  now_ms_ = std::move(now_ms);
}

int DelayInterceptor::order() const noexcept { return kInterceptorOrder; }

Status DelayInterceptor::intercept(MessageDraft& draft) {
  const std::string_view topic = draft.message().topic;
  // A half message begins to wait when it is committed; dead letters and what waits already do not wait (again).
  if (topic == kHalfTopic || topic == kTimerTopic || topic.starts_with(kDeadLetterPrefix)) return {};
  Wish wish(draft.properties());
  if (!wish.delay.empty()) {
    const Result<std::int64_t> level = parse_number(property::delay, wish.delay);
    if (!level) return level.error();
    wish.level = *level;
  }
  if (wish.level > 0) {
    to_level(draft, wish);
    return {};
  }
  // TIMER_OUT_MS: it has waited, and somebody sends it on with the properties it came with.
  if (!wish.has_time() || !wish.out_ms.empty()) return {};
  return to_timer(draft, wish);
}

void DelayInterceptor::to_level(MessageDraft& draft, const Wish& wish) const {
  const std::int32_t highest = rules_->levels.count();
  const auto level = wish.level > highest ? highest : static_cast<std::int32_t>(wish.level);
  const bool has_time = wish.has_time();
  if (level != wish.level) draft.set_property(property::delay, text(level));
  if (has_time) {
    for (const auto name : {property::timer_delay_sec, property::timer_delay_ms, property::timer_deliver_ms}) {
      draft.remove_property(name);
    }
  }
  remember_destination(draft);
  draft.set_topic(kScheduleTopic);
  draft.set_queue_id(level - 1);
}

Result<std::int64_t> DelayInterceptor::deliver_time(const Wish& wish) const {
  constexpr std::int64_t kMost = INT64_MAX / 2'000;
  if (!wish.delay_sec.empty() || !wish.delay_ms.empty()) {
    const bool seconds = !wish.delay_sec.empty();
    const auto delay = parse_number(seconds ? property::timer_delay_sec : property::timer_delay_ms,
                                    seconds ? wish.delay_sec : wish.delay_ms);
    if (!delay) return delay.error();
    return now_ms_() + std::clamp(*delay, -kMost, kMost) * (seconds ? 1'000 : 1);
  }
  return parse_number(property::timer_deliver_ms, wish.deliver_ms);
}

Status DelayInterceptor::to_timer(MessageDraft& draft, const Wish& wish) const {
  if (!rules_->timers) {
    return Error(Errc::internal, "accurate timer message is not enabled, timer of [plugins.delay] is false");
  }
  const Result<std::int64_t> time = deliver_time(wish);
  if (!time) return time.error();
  const std::int64_t now = now_ms_();
  if (*time <= now) {
    if (wish.delete_key.empty()) return {};
    return Error(Errc::message_illegal, "the time of the message to take back is over");
  }
  if (*time - now > rules_->timer_max_delay_ms) {
    return Error(Errc::message_illegal,
                 text("timer message illegal, the delay time should not be bigger than the max delay ",
                      rules_->timer_max_delay_ms, "ms; timer_max_delay of [plugins.delay] raises it"));
  }
  const std::int64_t out = rules_->timer.out_ms(*time);
  const std::string_view topic = draft.message().topic;
  if (wish.delete_key.empty() && !topic.starts_with(kRetryPrefix)) {
    draft.set_recall_handle(remoting::RecallHandle{std::string(topic), std::string(identity_->broker_name()), out + 1,
                                                   std::string(wish.unique_key)}
                                .encode());
  }
  draft.set_property(timer_property::out_ms, text(out));
  remember_destination(draft);
  draft.set_topic(kTimerTopic);
  draft.set_queue_id(0);
  return {};
}

}  // namespace tenon::delay
