// SPDX-License-Identifier: Apache-2.0
#include "level_queue.hpp"

#include <algorithm>
#include <boost/asio/post.hpp>

#include "due_message.hpp"
#include "names.hpp"

namespace tenon::delay {
namespace {

/// Smaller numbers are hashes of tags, in entries that a store rebuilt without knowing of levels: no time of delivery
/// lies before 1973.
constexpr std::int64_t kLeastTimeMs = 100'000'000'000;

}  // namespace

LevelQueue::LevelQueue(const DeliveryParts& parts, const DelayLevels& levels, std::int32_t level, Progressed progressed)
    : parts_(parts),
      levels_(levels),
      level_(level),
      progressed_(std::move(progressed)),
      strand_(boost::asio::make_strand(parts.disk)) {}

void LevelQueue::start(std::int64_t next_offset) {
  const QueueBounds bounds = parts_.store.bounds(kScheduleTopic, level_ - 1);
  const std::int64_t next = std::clamp(next_offset, bounds.min.value, bounds.max.value);
  if (next != next_offset) {
    parts_.log.warn("delay level ", level_, ": offset ", next_offset, " is not in the queue, which holds ", bounds.min,
                    " to ", bounds.max, "; going on at ", next);
  }
  {
    const std::scoped_lock lock(mutex_);
    progress_.next_offset = next;
  }
  alarm_ = std::make_shared<Alarm>(parts_.sched, strand_, parts_.now_ms, [weak = weak_from_this()] {
    if (const auto self = weak.lock()) self->turn();
  });
  boost::asio::post(strand_, [self = shared_from_this(), next] { self->next_ = next; });
  if (next < bounds.max.value) appended();
}

void LevelQueue::appended() {
  if (!busy_.exchange(true)) post_turn();
}

void LevelQueue::stop() {
  if (alarm_) alarm_->stop();
  const std::scoped_lock lock(turning_);
  stopped_ = true;
}

LevelQueue::Progress LevelQueue::progress() const {
  const std::scoped_lock lock(mutex_);
  return progress_;
}

void LevelQueue::post_turn() {
  boost::asio::post(strand_, [self = shared_from_this()] { self->turn(); });
}

void LevelQueue::turn() {
  const std::scoped_lock lock(turning_);
  if (stopped_) return;
  const bool done = runs(parts_.log, text("delay level ", level_), [this] { deliver_due(); });
  if (!done) alarm_->set(parts_.now_ms() + pause_.next_ms());
}

void LevelQueue::deliver_due() {
  const std::int64_t before = next_;
  const QueueScan scan = scan_queue(parts_.store, kScheduleTopic, level_ - 1, next_);
  std::size_t done = 0;
  for (const IndexEntry& entry : scan.entries) {
    if (const std::int64_t due = due_ms(entry); due > parts_.now_ms()) {
      alarm_->set(due);
      break;
    }
    if (done == kTurnMax) break;
    if (deliver(entry) == Outcome::refused) {
      alarm_->set(parts_.now_ms() + pause_.next_ms());
      break;
    }
    ++done;
  }
  if (done == scan.entries.size()) advance(scan.next_offset, {});  // Jumps over holes, too.
  if (next_ != before && progressed_) progressed_();
  if (done == kTurnMax || (done == scan.entries.size() && scan.next_offset != before)) return post_turn();
  if (scan.entries.empty()) rest();
}

// Nothing is there: what comes from now on posts a turn. What came while this was found out must not be missed.
void LevelQueue::rest() {
  busy_.store(false);
  if (parts_.store.bounds(kScheduleTopic, level_ - 1).max.value > next_) appended();
}

// A time further ahead than the level's delay comes from another table of levels, or from a clock that was set back.
// RocketMQ delivers such a message at once; here it waits one delay from now, so that it is early by no clock.
std::int64_t LevelQueue::due_ms(const IndexEntry& entry) {
  std::int64_t due = entry.tags_code;
  if (due < kLeastTimeMs) {
    const auto stored = parts_.store.message_at(entry.physical_offset);
    due = stored ? levels_.deliver_time_ms(level_, stored->store_timestamp_ms) : 0;
  }
  const std::int64_t latest = parts_.now_ms() + levels_.delay_ms(level_);
  if (due <= latest) return due;
  if (next_ >= capped_end_) {
    capped_end_ = parts_.store.bounds(kScheduleTopic, level_ - 1).max.value;
    capped_due_ms_ = latest;
  }
  return std::min(due, capped_due_ms_);
}

LevelQueue::Outcome LevelQueue::deliver(const IndexEntry& entry) {
  const Result<StoredMessage> stored = parts_.store.message_at(entry.physical_offset);
  if (!stored) {
    advance(next_ + 1, {});
    return give_up(stored.error());
  }
  const std::int64_t after = stored->queue_offset.value + 1;
  const Result<Message> message = due_message(*stored);
  if (!message || message->topic == kHalfTopic) {
    advance(after, {});
    return give_up(message ? Error(Errc::message_illegal, "a delayed half message is none") : message.error());
  }
  const Result<AppendReceipt> delivered = parts_.delivery.deliver(*message, {});
  if (!delivered && !delivered.error().is(Errc::message_illegal)) {
    parts_.report(kNotTaken, delivered.error().message());
    return Outcome::refused;
  }
  if (pause_.reset()) parts_.report(kNotTaken, "");
  advance(after, delivered ? delivered->physical_end : PhysicalOffset{});
  return delivered ? Outcome::delivered : give_up(delivered.error());
}

LevelQueue::Outcome LevelQueue::give_up(const Error& why) {
  parts_.log.error("delay level ", level_, ": a message cannot be delivered and is left out: ", why.message());
  return Outcome::delivered;
}

void LevelQueue::advance(std::int64_t next_offset, PhysicalOffset delivered_end) {
  if (next_offset <= next_) return;
  const std::scoped_lock lock(mutex_);
  next_ = progress_.next_offset = next_offset;
  progress_.delivered_end = std::max(progress_.delivered_end, delivered_end);
}

}  // namespace tenon::delay
