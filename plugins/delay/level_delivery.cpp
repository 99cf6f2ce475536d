// SPDX-License-Identifier: Apache-2.0
#include "level_delivery.hpp"

#include <algorithm>

#include "level_offsets.hpp"
#include "names.hpp"
#include "state_file/state_file.hpp"

namespace tenon::delay {
namespace {

/// RocketMQ's number of queues of the schedule topic; a table of levels was longer once if a queue behind it is used.
constexpr std::int32_t kQueuesLooked = 18;

}  // namespace

LevelDelivery::LevelDelivery(const DeliveryParts& parts, const DelayLevels& levels, std::filesystem::path file,
                             std::int64_t write_interval_ms)
    : parts_(parts), levels_(levels), file_(std::move(file)), write_interval_ms_(write_interval_ms) {}

Status LevelDelivery::open() {
  const auto content = state_file::read_or_backup(file_);
  if (!content) return content.error();
  if (content->empty()) return {};
  auto decoded = decode_level_offsets(*content);
  if (!decoded) return Error(Errc::corrupt, text("cannot decode ", file_.native(), ": ", decoded.error().message()));
  loaded_ = std::move(*decoded);
  return {};
}

void LevelDelivery::start() {
  const auto weak = weak_from_this();
  write_alarm_ = std::make_shared<Alarm>(parts_.sched, parts_.disk, parts_.now_ms, [weak] {
    const auto self = weak.lock();
    const auto write = [&self] { self->write_flushed(); };
    if (self && !runs(self->parts_.log, "writing the progress of the delay levels", write)) self->progressed();
  });
  std::vector<std::int64_t>& offsets = loaded_.next_queue_offsets;
  const auto levels = std::max({levels_.count(), kQueuesLooked, static_cast<std::int32_t>(offsets.size())});
  offsets.resize(static_cast<std::size_t>(levels));
  for (std::int32_t level = 1; level <= levels; ++level) {
    queues_.push_back(std::make_shared<LevelQueue>(parts_, levels_, level, [weak] {
      if (const auto self = weak.lock()) self->progressed();
    }));
  }
  for (std::size_t index = 0; index < queues_.size(); ++index) queues_[index]->start(offsets[index]);
}

void LevelDelivery::appended(std::int32_t queue_id) {
  const auto index = static_cast<std::size_t>(queue_id);
  if (queue_id >= 0 && index < queues_.size()) queues_[index]->appended();
}

void LevelDelivery::look() {
  for (const auto& queue : queues_) queue->appended();
}

void LevelDelivery::stop() {
  for (const auto& queue : queues_) queue->stop();
  if (!write_alarm_) return;
  write_alarm_->stop();
  const std::scoped_lock one(writing_);
  PhysicalOffset delivered_end;
  DelayLevelProgress snapshot = with_end(delivered_end);
  wait_until_flushed(parts_.store, delivered_end);
  if (parts_.store.status().flushed_physical_offset >= delivered_end) write(std::move(snapshot));
}

DelayLevelProgress LevelDelivery::progress() const {
  const std::scoped_lock lock(mutex_);
  DelayLevelProgress progress = loaded_;
  for (std::size_t index = 0; index < queues_.size(); ++index) {
    progress.next_queue_offsets[index] = queues_[index]->progress().next_offset;
  }
  // As many levels as there are, and those behind them that were ever used.
  auto& offsets = progress.next_queue_offsets;
  while (offsets.size() > static_cast<std::size_t>(levels_.count()) && offsets.back() == 0) offsets.pop_back();
  return progress;
}

void LevelDelivery::progressed() {
  if (!write_wanted_.exchange(true)) write_alarm_->set(parts_.now_ms() + write_interval_ms_);
}

/// The progress, and an end of the log below which all of its deliveries lie.
DelayLevelProgress LevelDelivery::with_end(PhysicalOffset& delivered_end) const {
  DelayLevelProgress snapshot = progress();
  // Asked afterwards: it may count deliveries that the snapshot does not, never the other way round.
  for (const auto& queue : queues_) delivered_end = std::max(delivered_end, queue->progress().delivered_end);
  return snapshot;
}

void LevelDelivery::write_flushed() {
  const std::scoped_lock one(writing_);
  write_wanted_.store(false);
  PhysicalOffset delivered_end;
  DelayLevelProgress snapshot = with_end(delivered_end);
  const PhysicalOffset flushed = parts_.store.status().flushed_physical_offset;
  if (auto safe = flushed_.newest_safe(std::move(snapshot), delivered_end, flushed)) write(std::move(*safe));
  if (flushed_.waits()) progressed();
}

void LevelDelivery::write(DelayLevelProgress snapshot) {
  {
    const std::scoped_lock lock(mutex_);
    ++loaded_.version.counter;
    loaded_.version.timestamp_ms = parts_.now_ms();
    snapshot.version = loaded_.version;
  }
  const Status written = state_file::replace(file_, encode_level_offsets(snapshot));
  parts_.report_outcome("the progress of the delay levels is not written", written);
  if (!written) progressed();
}

}  // namespace tenon::delay
