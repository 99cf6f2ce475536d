// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <filesystem>
#include <mutex>
#include <optional>

#include "tenon/delivery_progress_copy.hpp"
#include "timer_checkpoint.hpp"

namespace tenon::delay {

/// Keeps the progress of the master in the files that the engines of this broker will begin with. The timer log and
/// wheel of a former life are deleted: what they note may be delivered already, and all that waits lies in the timer
/// topic. Nothing is written while nothing has changed. Threads: any.
class ProgressCopy final : public DeliveryProgressCopy {
 public:
  void open(std::filesystem::path data_dir);
  /// The engines begin: the files are theirs from now on.
  void close();

  Status take_level_progress(const DelayLevelProgress& progress) override;
  Status take_timer_progress(const TimerProgress& progress) override;

 private:
  Status check_open() const;
  Status forget_notes(TimerCheckpoint& check, TimerProgress before) const;

  std::mutex mutex_;
  bool open_ = false;
  std::filesystem::path data_dir_;
  std::optional<std::vector<std::int64_t>> levels_;
  std::optional<std::int64_t> timer_queue_offset_, timer_read_time_;
};

}  // namespace tenon::delay
