// SPDX-License-Identifier: Apache-2.0
// The part of TimerEngine that makes its files durable, beside the deliveries.
#include <utility>

#include "state_file/state_file.hpp"
#include "timer_engine.hpp"

namespace tenon::delay {
namespace {

constexpr std::string_view kNotWritten = "the progress of the timers is not written";

}  // namespace

// Under turning_.
void TimerEngine::changed() {
  if (sync_wanted_ || stopped_ || !sync_alarm_) return;
  sync_wanted_ = true;
  sync_alarm_->set(parts_.now_ms() + settings_.flush_interval_ms);
}

void TimerEngine::sync_later() {
  const std::scoped_lock lock(turning_);
  changed();
}

void TimerEngine::sync() {
  const std::scoped_lock one(syncing_);
  TimerProgress progress;
  PhysicalOffset delivered_end;
  std::vector<std::shared_ptr<PositionedFile>> logs;
  {
    const std::scoped_lock lock(turning_);
    sync_wanted_ = false;
    if (uncommitted_ && !files_.commit()) return changed();
    uncommitted_ = false;
    progress.last_read_time_ms = read_slot_ * settings_.rules.precision_ms;
    progress.last_queue_offset = progress.master_queue_offset = next_offset_;
    progress.last_log_flush_position = files_.log().end();
    delivered_end = delivered_end_;
    files_.log().remove_before(parts_.store.status().min_physical_offset.value);
    logs = files_.log().take_dirty();
  }
  Status synced;
  for (const auto& log : logs) {
    if (synced) synced = log->sync();
  }
  if (synced) synced = files_.wheel().file()->sync();
  if (!synced) {
    parts_.report_outcome(kNotWritten, synced);
    // What a failed sync did not write nobody knows, and the next one would not say. So the check file stays where it
    // is: the next start reads everything since from the timer topic again.
    if (!std::exchange(sync_failed_, true)) parts_.log.error("cannot sync the timer files: ", synced.error().message());
    return;
  }
  if (sync_failed_) return;
  synced = write_progress(progress, delivered_end);
  parts_.report_outcome(kNotWritten, synced);
  if (!synced) {
    sync_later();
  }
}

Status TimerEngine::write_progress(TimerProgress progress, PhysicalOffset delivered_end) {
  const auto is_on_disk = [this](PhysicalOffset end) { return parts_.is_on_disk(end); };
  const auto safe = flushed_.newest_safe(progress.last_read_time_ms, delivered_end, is_on_disk);
  {
    const std::scoped_lock lock(progress_mutex_);
    progress.last_read_time_ms = safe.value_or(written_.last_read_time_ms);
    progress.version = {written_.version.state_version, parts_.now_ms(), written_.version.counter + 1};
    written_ = progress;
    current_.version = progress.version;
    current_.last_log_flush_position = progress.last_log_flush_position;
  }
  (void)this->progress();  // So that whoever asks seldom is not told something old.
  if (flushed_.waits()) sync_later();
  if (Status written = files_.check().write(progress); !written) return written;
  return state_file::replace(metrics_path_, metrics_.encode());
}

}  // namespace tenon::delay
