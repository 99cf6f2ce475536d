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

// Source: store-format.md 9.2: a file that cannot be decoded is followed by its backup.
Status LevelDelivery::open() {
  const auto take = [this](std::string_view content) -> Status {
    auto decoded = decode_level_offsets(content);
    if (!decoded) return decoded.error();
    const std::scoped_lock lock(mutex_);
    loaded_ = std::move(*decoded);
    return {};
  };
  const auto read = state_file::read_decodable(file_, take, parts_.log);
  return read ? Status() : read.error();
}

void LevelDelivery::start() {
  const auto weak = weak_from_this();
  write_alarm_ = std::make_shared<Alarm>(parts_.sched, parts_.disk, parts_.now_ms, [weak] {
    const auto self = weak.lock();
    const auto write = [&self] { self->write_flushed(); };
    if (self && !runs(self->parts_.log, "writing the progress of the delay levels", write)) self->progressed();
  });
  told_.begin_with(loaded_);
  std::vector<std::int64_t> offsets = loaded_.next_queue_offsets;
  const auto levels = std::max({levels_.count(), kQueuesLooked, static_cast<std::int32_t>(offsets.size())});
  offsets.resize(static_cast<std::size_t>(levels));
  std::vector<std::shared_ptr<LevelQueue>> queues;
  for (std::int32_t level = 1; level <= levels; ++level) {
    queues.push_back(std::make_shared<LevelQueue>(parts_, levels_, level, [weak] {
      if (const auto self = weak.lock()) self->progressed();
    }));
    queues.back()->start(offsets[static_cast<std::size_t>(level) - 1]);
  }
  const std::scoped_lock lock(mutex_);  // A slave that is promoted is asked for its progress meanwhile.
  loaded_.next_queue_offsets = std::move(offsets);
  queues_ = std::move(queues);
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
  DelayLevelProgress snapshot = present(delivered_end);
  wait_until_flushed(parts_.store, delivered_end);
  if (parts_.is_on_disk(delivered_end)) write(std::move(snapshot));
}

DelayLevelProgress LevelDelivery::progress() const {
  PhysicalOffset delivered_end;
  DelayLevelProgress now = present(delivered_end);
  return told_.newest(std::move(now), delivered_end, [this](PhysicalOffset end) { return parts_.is_safe(end); });
}

/// The progress, and an end of the log below which all of its deliveries lie.
DelayLevelProgress LevelDelivery::present(PhysicalOffset& delivered_end) const {
  const std::scoped_lock lock(mutex_);
  DelayLevelProgress progress = loaded_;
  for (std::size_t index = 0; index < queues_.size(); ++index) {
    const LevelQueue::Progress one = queues_[index]->progress();
    progress.next_queue_offsets[index] = one.next_offset;
    delivered_end = std::max(delivered_end, one.delivered_end);
  }
  // As many levels as there are, and those behind them that were ever used.
  auto& offsets = progress.next_queue_offsets;
  while (offsets.size() > static_cast<std::size_t>(levels_.count()) && offsets.back() == 0) offsets.pop_back();
  return progress;
}

void LevelDelivery::progressed() {
  if (!write_wanted_.exchange(true)) write_alarm_->set(parts_.now_ms() + write_interval_ms_);
}

void LevelDelivery::write_flushed() {
  const std::scoped_lock one(writing_);
  write_wanted_.store(false);
  PhysicalOffset delivered_end;
  DelayLevelProgress snapshot = present(delivered_end);
  const auto is_on_disk = [this](PhysicalOffset end) { return parts_.is_on_disk(end); };
  if (auto safe = flushed_.newest_safe(std::move(snapshot), delivered_end, is_on_disk)) write(std::move(*safe));
  if (flushed_.waits()) progressed();
  (void)progress();  // So that whoever asks seldom is not told something old.
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
