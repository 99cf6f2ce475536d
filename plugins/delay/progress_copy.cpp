// SPDX-License-Identifier: Apache-2.0
#include "progress_copy.hpp"

#include <utility>

#include "level_offsets.hpp"
#include "state_file/state_file.hpp"

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
  TimerCheckpoint check(data_dir_ / "config" / "timercheck");
  const auto before = check.open();
  if (!before) return before.error();
  if (Status forgotten = forget_notes(check, *before); !forgotten) return forgotten;
  // Nothing is noted here: the whole timer topic is read again, and what the master has delivered is passed by.
  TimerProgress own;
  own.last_read_time_ms = progress.last_read_time_ms;
  own.master_queue_offset = progress.last_queue_offset;
  own.version = progress.version;
  if (Status written = check.write(own); !written) return written;
  timer_queue_offset_ = progress.last_queue_offset;
  timer_read_time_ = progress.last_read_time_ms;
  return {};
}

// Whatever stops this in the middle loses nothing: first the check file says that nothing is noted and what was
// delivered; then the log goes as a whole, for the newest unit of one that is half gone would pass for the end of all.
Status ProgressCopy::forget_notes(TimerCheckpoint& check, TimerProgress before) const {
  const auto log = data_dir_ / "timerlog", gone = data_dir_ / "timerlog.gone", wheel = data_dir_ / "timerwheel";
  std::error_code failed;
  std::filesystem::remove_all(gone, failed);
  const bool has_log = !failed && std::filesystem::exists(log, failed);
  if (!failed && !has_log && !std::filesystem::exists(wheel, failed)) return {};
  if (has_log) {
    if (before.last_queue_offset > 0) before.master_queue_offset = std::exchange(before.last_queue_offset, 0);
    if (Status written = check.write(before); !written) return written;
    std::filesystem::rename(log, gone, failed);
    if (!failed) std::filesystem::remove_all(gone, failed);
  }
  if (!failed) std::filesystem::remove(wheel, failed);
  if (!failed) return state_file::sync_directory(data_dir_);
  return Error(Errc::io, text("cannot delete the timer log in ", data_dir_.native(), ": ", failed.message()));
}

}  // namespace tenon::delay
