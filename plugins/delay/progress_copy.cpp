// SPDX-License-Identifier: Apache-2.0
#include "progress_copy.hpp"

#include "level_offsets.hpp"
#include "state_file/state_file.hpp"
#include "timer_checkpoint.hpp"

namespace tenon::delay {

void ProgressCopy::open(std::filesystem::path data_dir) {
  const std::scoped_lock lock(mutex_);
  data_dir_ = std::move(data_dir);
  open_ = true;
}

void ProgressCopy::close() {
  const std::scoped_lock lock(mutex_);
  open_ = false;
}

Status ProgressCopy::check_open() const {
  if (open_) return {};
  return Error(Errc::illegal_operation, "this broker delivers itself: it takes no progress of others");
}

Status ProgressCopy::take_level_progress(const DelayLevelProgress& progress) {
  const std::scoped_lock lock(mutex_);
  if (Status open = check_open(); !open) return open;
  if (levels_ == progress.next_queue_offsets) return {};
  const auto file = data_dir_ / "config" / "delayOffset.json";
  if (Status written = state_file::replace(file, encode_level_offsets(progress)); !written) {
    return written;
  }
  levels_ = progress.next_queue_offsets;
  return {};
}

Status ProgressCopy::take_timer_progress(const TimerProgress& progress) {
  const std::scoped_lock lock(mutex_);
  if (Status open = check_open(); !open) return open;
  if (timer_queue_offset_ == progress.last_queue_offset && timer_read_time_ == progress.last_read_time_ms) return {};
  std::error_code failed;
  std::filesystem::remove_all(data_dir_ / "timerlog", failed);
  if (!failed) std::filesystem::remove(data_dir_ / "timerwheel", failed);
  if (failed)
    return Error(Errc::io, text("cannot delete the timer log in ", data_dir_.native(), ": ", failed.message()));
  // Nothing is noted here: the whole timer topic is read again, and what the master has delivered is passed by.
  TimerProgress own;
  own.last_read_time_ms = progress.last_read_time_ms;
  own.master_queue_offset = progress.last_queue_offset;
  own.version = progress.version;
  TimerCheckpoint check(data_dir_ / "config" / "timercheck");
  const auto opened = check.open();
  if (!opened) return opened.error();
  if (Status written = check.write(own); !written) return written;
  timer_queue_offset_ = progress.last_queue_offset;
  timer_read_time_ = progress.last_read_time_ms;
  return {};
}

}  // namespace tenon::delay
