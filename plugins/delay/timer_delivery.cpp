// SPDX-License-Identifier: Apache-2.0
// The half of TimerEngine that delivers what is due.
#include <algorithm>
#include <utility>

#include "delay_levels.hpp"
#include "due_message.hpp"
#include "names.hpp"
#include "timer_engine.hpp"

namespace tenon::delay {
namespace {

/// A slot is read this long before it begins.
constexpr std::int64_t kLeadMs = 200;

}  // namespace

TimerEngine::Step TimerEngine::deliver_due() {
  if (uncommitted_) return Step::refused;  // The newest units are not in the log yet.
  for (int left = kTurnMax; left > 0;) {
    if (!due_.is_loaded() && !load_next_slot()) return Step::done;
    if (due_.wants_more()) complain(due_.load_more(files_));
    const std::int64_t now = parts_.now_ms();
    if (const DueSlot::Due* due = due_.next()) {
      if (due->order.deliver_ms > now) {
        wake_at(due->order.deliver_ms);
        return Step::done;
      }
      if (deliver(due->unit) == Step::refused) return Step::refused;
      if (pause_.reset()) parts_.report(kNotTaken, "");
      due_.done();
      --left;
    } else if (now < due_.end_ms()) {
      wake_at(due_.end_ms());
      return Step::done;
    } else {
      finish_slot();
    }
  }
  return Step::again;
}

bool TimerEngine::load_next_slot() {
  const std::int64_t now_slot = settings_.rules.slot_of(parts_.now_ms());
  const auto next = files_.wheel().next_in_use(read_slot_);
  if (!next) {
    if (noted_all_) read_slot_ = std::max(read_slot_, now_slot);
    return false;
  }
  // A slot that is read already lies ahead only after a step back of the clock; what came since then lies in it.
  const std::int64_t load_at = *next * settings_.rules.precision_ms - kLeadMs;
  if (load_at > parts_.now_ms() && *next > read_slot_) {
    if (noted_all_) read_slot_ = std::max(read_slot_, std::min(*next, now_slot));
    wake_at(load_at);
    return false;
  }
  read_slot_ = *next;
  complain(due_.load(*next, files_));
  return true;
}

void TimerEngine::complain(const std::string& problem) const {
  if (problem.empty()) return;
  parts_.log.error("the timer slot ", due_.number(), " cannot be read to its end: ", problem);
}

void TimerEngine::finish_slot() {
  files_.wheel().forget(due_.number());
  read_slot_ = due_.number() + 1;
  due_.unload();
  changed();
}

TimerEngine::Step TimerEngine::deliver(const TimerUnit& unit) {
  const Result<StoredMessage> stored = parts_.store.message_at(PhysicalOffset{unit.physical_offset});
  if (!stored) return leave_out(stored.error());
  const PropertiesView properties(stored->message.properties);
  const auto out = parse_number(timer_property::out_ms, properties.find(timer_property::out_ms).value_or(""));
  if (stored->message.topic != kTimerTopic || !out) {
    return leave_out(Error(Errc::corrupt, text("no timed message lies at physical offset ", unit.physical_offset)));
  }
  // The record has the last word: whatever the wheel says, nothing goes before its time.
  if (unit.rolls() || settings_.rules.deliver_ms(*out) > parts_.now_ms() + 2 * settings_.rules.precision_ms) {
    return store_again(*stored);
  }
  if (unit.deletes()) {
    take_back(*stored);
    return Step::done;
  }
  return deliver_now(*stored, unit.write_time_ms);
}

TimerEngine::Step TimerEngine::deliver_now(const StoredMessage& stored, std::int64_t enqueue_ms) {
  Result<Message> message = due_message(stored);
  if (!message) return leave_out(message.error());
  const std::string_view key = PropertiesView(message->properties).find(property::unique_key).value_or("");
  const std::int64_t now = parts_.now_ms();
  if (!due_.is_taken_back(message->topic, key) && message->topic != kHalfTopic) {
    std::string properties(message->properties);
    set_property(properties, timer_property::enqueue_ms, text(enqueue_ms));
    set_property(properties, timer_property::dequeue_ms, text(now));
    const std::string_view plain = std::exchange(message->properties, properties);
    if (hand_over(*message, plain) == Step::refused) return Step::refused;
  }
  metrics_.add(message->topic, -1, now);
  return Step::done;
}

// Underway to a far time: stored once more, so that retention does not reach it.
TimerEngine::Step TimerEngine::store_again(const StoredMessage& stored) {
  Message message = stored.message;
  std::string properties(message.properties);
  const PropertiesView view(message.properties);
  const auto times = parse_number(timer_property::roll_times, view.find(timer_property::roll_times).value_or("0"));
  set_property(properties, timer_property::roll_times, text((times ? *times : 0) + 1));
  message.properties = properties;
  message.indexed.reset();
  if (hand_over(message, stored.message.properties) == Step::refused) return Step::refused;
  if (!view.find(timer_property::delete_key)) {
    metrics_.add(view.find(property::real_topic).value_or(""), -1, parts_.now_ms());
  }
  return Step::done;
}

// What is noted in the properties on the way may make them too long; the message was accepted without it.
TimerEngine::Step TimerEngine::hand_over(Message message, std::string_view plain_properties) {
  Result<AppendReceipt> delivered = parts_.delivery.deliver(message, {});
  if (!delivered && delivered.error().is(Errc::message_illegal)) {
    message.properties = plain_properties;
    delivered = parts_.delivery.deliver(message, {});
  }
  if (delivered) {
    delivered_end_ = std::max(delivered_end_, delivered->physical_end);
    changed();
    return Step::done;
  }
  if (delivered.error().is(Errc::message_illegal)) return leave_out(delivered.error());
  parts_.report(kNotTaken, delivered.error().message());
  return Step::refused;
}

void TimerEngine::take_back(const StoredMessage& mark) {
  const PropertiesView properties(mark.message.properties);
  due_.take_back(properties.find(property::real_topic).value_or(""),
                 properties.find(timer_property::delete_key).value_or(""));
}

}  // namespace tenon::delay
