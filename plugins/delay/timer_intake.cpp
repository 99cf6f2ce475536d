// SPDX-License-Identifier: Apache-2.0
// The half of TimerEngine that notes what comes into the timer topic.
#include <algorithm>

#include "delay_levels.hpp"
#include "names.hpp"
#include "timer_engine.hpp"

namespace tenon::delay {

TimerEngine::Step TimerEngine::take_new() {
  if (uncommitted_ && !commit()) return Step::refused;
  const QueueScan scan = scan_queue(parts_.store, kTimerTopic, 0, next_offset_);
  const std::int64_t before = next_offset_;
  auto step = Step::done;
  std::size_t taken = 0;
  while (taken < scan.entries.size() && taken < kTurnMax && step == Step::done) {
    step = note(scan.entries[taken]);
    if (step == Step::done) ++taken;
  }
  if (taken == scan.entries.size()) next_offset_ = std::max(next_offset_, scan.next_offset);  // Jumps over holes, too.
  if (next_offset_ == before) return step;
  changed();
  uncommitted_ = true;
  if (!commit()) return Step::refused;
  return step == Step::done ? Step::again : step;
}

bool TimerEngine::commit() {
  const Status written = files_.commit();
  parts_.report_outcome("the timer files are not written", written);
  uncommitted_ = !written;
  return written.has_value();
}

TimerEngine::Step TimerEngine::note(const IndexEntry& entry) {
  const Result<StoredMessage> stored = parts_.store.message_at(entry.physical_offset);
  if (!stored) {
    ++next_offset_;
    return leave_out(stored.error());
  }
  const std::int64_t after = stored->queue_offset.value + 1;
  const PropertiesView properties(stored->message.properties);
  const auto out = parse_number(timer_property::out_ms, properties.find(timer_property::out_ms).value_or(""));
  if (!out || *out < 0 || !properties.find(property::real_topic)) {
    next_offset_ = after;
    return leave_out(
        Error(Errc::corrupt, text("it has no time or no topic, at physical offset ", entry.physical_offset)));
  }
  const bool deletes = properties.find(timer_property::delete_key).has_value();
  // A mark whose slot is done has nothing left to take back.
  if (is_late(*out) && (deletes || was_delivered_elsewhere(*stored, *out))) {
    next_offset_ = after;
    return Step::done;
  }
  if (due_.is_loaded() && due_.is_full()) return Step::refused;  // It stays in the topic meanwhile.
  if (is_a_lap_ahead(settings_.rules.slot_of(parts_.now_ms() + settings_.roll_window_ms))) return Step::again;
  if (Status added = add_unit(*stored, *out, deletes, entry.size_bytes); !added) {
    parts_.log.error("cannot note a timed message: ", added.error().message());
    return Step::refused;
  }
  next_offset_ = after;
  return Step::done;
}

/// It is due, and its slot is done.
bool TimerEngine::is_late(std::int64_t out_ms) const {
  return settings_.rules.deliver_ms(out_ms) <= parts_.now_ms() && settings_.rules.slot_of(out_ms) < read_slot_;
}

bool TimerEngine::was_delivered_elsewhere(const StoredMessage& stored, std::int64_t out_ms) const {
  return stored.queue_offset.value < taken_over_offset_ && settings_.rules.slot_of(out_ms) < taken_over_slot_;
}

// After a long stop the wheel still holds slots of then; they are delivered before new ones come to lie on them.
bool TimerEngine::is_a_lap_ahead(std::int64_t slot) const {
  return slot - read_slot_ >= TimerWheel::kSlots && !files_.wheel().empty();
}

Status TimerEngine::add_unit(const StoredMessage& stored, std::int64_t out_ms, bool deletes, std::int32_t size) {
  const std::int64_t precision = settings_.rules.precision_ms, window = settings_.roll_window_ms;
  TimerUnit unit;
  unit.magic = TimerUnit::kDefault | (deletes ? TimerUnit::kDelete : 0);
  unit.write_time_ms = parts_.now_ms() / precision * precision;
  if (is_late(out_ms)) out_ms = time_of_late(unit.write_time_ms);
  if (const std::int64_t wait = out_ms - unit.write_time_ms; wait >= window) {
    unit.magic |= TimerUnit::kRoll;
    out_ms = unit.write_time_ms + (wait - window < window / 3 ? window / 2 : window);
  }
  unit.delay_ms = static_cast<std::int32_t>(out_ms - unit.write_time_ms);
  unit.physical_offset = stored.physical_offset.value;
  unit.size_bytes = size;
  const std::string_view topic = PropertiesView(stored.message.properties).find(property::real_topic).value_or("");
  unit.topic_hash = java_string_hash(topic);
  // After a step back of the clock the slot may be done: the next takes the unit, which keeps its time.
  const std::int64_t slot = std::max(settings_.rules.slot_of(out_ms), read_slot_);
  const auto position = files_.add(slot, unit);
  if (!position) return position.error();
  if (!deletes) metrics_.add(topic, 1, parts_.now_ms());
  if (due_.is_loaded() && slot == due_.number()) due_.insert(*position, unit);
  return {};
}

/// The begin of the slot that is read next, so that it goes at once, in the order of slots, and the log tells its slot:
/// what is late is noted like any other, for until its copy is on the disk a crash must find it.
std::int64_t TimerEngine::time_of_late(std::int64_t write_time_ms) const {
  const std::int64_t begin = read_slot_ * settings_.rules.precision_ms + 1;
  return std::clamp(begin, write_time_ms - INT32_MAX, settings_.rules.out_ms(parts_.now_ms()));
}

}  // namespace tenon::delay
