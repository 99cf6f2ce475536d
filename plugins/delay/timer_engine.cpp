// SPDX-License-Identifier: Apache-2.0
#include "timer_engine.hpp"

#include <algorithm>
#include <boost/asio/post.hpp>

#include "names.hpp"
#include "state_file/state_file.hpp"

namespace tenon::delay {
namespace {

constexpr std::int64_t kNever = INT64_MAX;

}  // namespace

TimerEngine::TimerEngine(const DeliveryParts& parts, const TimerSettings& settings, std::filesystem::path data_dir)
    : parts_(parts),
      settings_(settings),
      metrics_path_(data_dir / "config" / "timermetrics"),
      strand_(boost::asio::make_strand(parts.disk)),
      files_(data_dir, settings),
      due_(settings.rules, settings.slot_units_max) {}

Status TimerEngine::open() {
  const std::scoped_lock lock(turning_);
  auto recovered = files_.recover(parts_.store.status().max_physical_offset.value);
  if (!recovered) return recovered.error();
  {
    const std::scoped_lock inner(progress_mutex_);
    written_ = current_ = recovered->progress;
  }
  told_.begin_with(recovered->progress);
  read_slot_ = first_slot();
  next_offset_ = current_.last_queue_offset;
  if (next_offset_ == 0) {
    taken_over_offset_ = current_.master_queue_offset;
    taken_over_slot_ = read_slot_;
  }
  if (recovered->last_physical_offset >= 0) {
    const auto last = parts_.store.message_at(PhysicalOffset{recovered->last_physical_offset});
    if (last && last->message.topic == kTimerTopic) next_offset_ = std::max(next_offset_, last->queue_offset.value + 1);
  }
  const QueueBounds bounds = parts_.store.bounds(kTimerTopic, 0);
  next_offset_ = std::clamp(next_offset_, bounds.min.value, bounds.max.value);
  const auto metrics = state_file::read_or_backup(metrics_path_);
  if (!metrics) return metrics.error();
  if (!metrics->empty()) {
    if (Status decoded = metrics_.decode(*metrics); !decoded) {
      parts_.log.warn("cannot decode ", metrics_path_.native(), ", counting from 0: ", decoded.error().message());
    }
  }
  stopped_ = false;
  return {};
}

/// Where the check file says; without one at the oldest slot, or now.
std::int64_t TimerEngine::first_slot() {
  if (current_.last_read_time_ms > 0) return settings_.rules.slot_of(current_.last_read_time_ms);
  std::int64_t first = settings_.rules.slot_of(parts_.now_ms());
  files_.wheel().for_each([&first](const TimerWheel::Slot& slot) { first = std::min(first, slot.number); });
  return first;
}

void TimerEngine::start() {
  const auto weak = weak_from_this();
  alarm_ = std::make_shared<Alarm>(parts_.sched, strand_, parts_.now_ms, [weak] {
    if (const auto self = weak.lock()) self->turn();
  });
  sync_alarm_ = std::make_shared<Alarm>(parts_.sched, parts_.disk, parts_.now_ms, [weak] {
    const auto self = weak.lock();
    if (self && !runs(self->parts_.log, "syncing the timer files", [&self] { self->sync(); })) self->sync_later();
  });
  appended();
}

void TimerEngine::appended() {
  if (!turn_posted_.exchange(true)) post_turn();
}

void TimerEngine::stop() {
  if (alarm_) alarm_->stop();
  if (sync_alarm_) sync_alarm_->stop();
  {
    const std::scoped_lock lock(turning_);
    if (stopped_) return;
    stopped_ = true;
    leave_slot();
  }
  wait_until_flushed(parts_.store, delivered_end_);
  sync();
}

// A slot that is half done would be delivered as a whole after the next start. What is left of it moves to the next.
void TimerEngine::leave_slot() {
  if (!due_.is_loaded() || uncommitted_) return;
  const std::int64_t next = due_.number() + 1;
  while (const DueSlot::Due* due = next_left_behind()) {
    TimerUnit unit = due->unit;
    due_.done();
    const auto stored = parts_.store.message_at(PhysicalOffset{unit.physical_offset});
    if (!stored) continue;
    const PropertiesView properties(stored->message.properties);
    if (due_.is_taken_back(properties.find(property::real_topic).value_or(""),
                           properties.find(property::unique_key).value_or(""))) {
      continue;
    }
    unit.delay_ms = static_cast<std::int32_t>(next * settings_.rules.precision_ms + 1 - unit.write_time_ms);
    if (!files_.add(next, unit)) return;
  }
  if (due_.wants_more() || !files_.commit()) return;
  files_.wheel().forget(due_.number());
  read_slot_ = next;
  due_.unload();
}

/// The next of the slot that is left; nullptr after the last, and when the disk cannot be read.
const DueSlot::Due* TimerEngine::next_left_behind() try {
  // What was moved so far is written first, so that memory stays bounded.
  if (due_.wants_more() && files_.commit()) complain(due_.load_more(files_));
  return due_.next();
} catch (const Failure& failure) {
  complain(failure.error().message());
  return nullptr;
}

TimerProgress TimerEngine::progress() const {
  std::unique_lock lock(progress_mutex_);
  const TimerProgress now = current_;
  const PhysicalOffset delivered_end = current_end_;
  lock.unlock();
  return told_.newest(now, delivered_end, [this](PhysicalOffset end) { return parts_.is_safe(end); });
}

std::vector<PendingDeliveries> TimerEngine::pending() const {
  std::vector<PendingDeliveries> all;
  for (auto& [topic, count] : metrics_.counts()) all.push_back({std::move(topic), count});
  return all;
}

void TimerEngine::post_turn() {
  boost::asio::post(strand_, [self = shared_from_this()] { self->turn(); });
}

void TimerEngine::turn() {
  const std::scoped_lock lock(turning_);
  if (stopped_) return;
  turn_posted_.store(false);
  if (!runs(parts_.log, "delivering timed messages", [this] { note_and_deliver(); })) {
    alarm_->set(parts_.now_ms() + pause_.next_ms());
  }
}

void TimerEngine::note_and_deliver() {
  wake_at_ms_ = kNever;
  // Older slots are not reached any more: the wheel would take them for new ones.
  if (files_.wheel().empty() && !due_.is_loaded()) {
    read_slot_ = std::max(read_slot_, settings_.rules.slot_of(parts_.now_ms()) - TimerWheel::kSlots / 4);
  }
  const Step noted = take_new();
  noted_all_ = noted == Step::done;
  const Step delivered = deliver_due();
  if (noted == Step::refused || delivered == Step::refused) wake_at(parts_.now_ms() + pause_.next_ms());
  if (delivered == Step::again || (noted == Step::again && delivered == Step::done)) appended();
  if (wake_at_ms_ != kNever) alarm_->set(wake_at_ms_);
  const std::scoped_lock inner(progress_mutex_);
  current_.last_read_time_ms = read_slot_ * settings_.rules.precision_ms;
  current_.last_queue_offset = current_.master_queue_offset = next_offset_;
  current_end_ = delivered_end_;
  const bool all_done = noted == Step::done && delivered == Step::done;
  next_due_ms_ = all_done ? wake_at_ms_ : current_.last_read_time_ms;
}

std::int64_t TimerEngine::delivered_until_ms() const {
  const std::scoped_lock lock(progress_mutex_);
  return std::min(next_due_ms_, parts_.now_ms());
}

void TimerEngine::wake_at(std::int64_t when_ms) { wake_at_ms_ = std::min(wake_at_ms_, when_ms); }

TimerEngine::Step TimerEngine::leave_out(const Error& why) {
  parts_.log.error("a timed message cannot be delivered and is left out: ", why.message());
  return Step::done;
}

}  // namespace tenon::delay
