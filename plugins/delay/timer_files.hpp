// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <filesystem>
#include <functional>
#include <string>

#include "timer_checkpoint.hpp"
#include "timer_log.hpp"
#include "timer_rules.hpp"
#include "timer_wheel.hpp"

namespace tenon::delay {

struct TimerSettings {
  TimerRules rules;
  std::int64_t roll_window_ms = 172'800'000;  ///< What is due later is stored again on its way, so that it stays young.
  std::int64_t log_file_size = 104'857'600;
  std::int64_t flush_interval_ms = 1'000;
  std::size_t slot_units_max = 65'536;  ///< Of the second that is being delivered, in memory: 6 MB.
};

/// Wheel, log and check file of one data directory, which belong together.
///
/// Every unit is in the log before its slot points at it, and the check file counts a message as noted only when both
/// were synced: after a crash the log is read on from there, and what it lacks is read from the timer topic again.
/// Threads: one at a time, but Sync runs elsewhere.
class TimerFiles {
 public:
  TimerFiles(const std::filesystem::path& data_dir, const TimerSettings& settings)
      : rules_(settings.rules),
        log_(data_dir / "timerlog", settings.log_file_size),
        wheel_(data_dir / "timerwheel"),
        check_(data_dir / "config" / "timercheck") {}

  struct Recovered {
    TimerProgress progress;
    std::int64_t last_physical_offset = -1;  ///< Of the newest unit's message; -1: there is none.
  };
  /// Units of records beyond `physical_max` are cut off: a power failure took those records. Error: io, corrupt.
  Result<Recovered> recover(std::int64_t physical_max);

  /// Notes a unit for a slot; on disk with the next commit(). Returns its position in the log. Error: io.
  Result<std::int64_t> add(std::int64_t slot, TimerUnit unit);
  Status commit();
  /// Visits the committed units of a slot, newest first. Returns why the chain does not lead to its end, or
  /// nothing. Throws Failure (io) when the disk cannot be read now: what is there is not lost, so try again.
  using Visit = std::function<void(std::int64_t position, const TimerUnit& unit)>;
  std::string for_each_unit(std::int64_t slot, const Visit& visit) const;

  TimerWheel& wheel() noexcept { return wheel_; }
  const TimerWheel& wheel() const noexcept { return wheel_; }
  TimerLog& log() noexcept { return log_; }
  TimerCheckpoint& check() noexcept { return check_; }

 private:
  Status rebuild(std::int64_t physical_max, std::int64_t first_slot, std::int64_t synced_end);
  bool points_beyond_the_log() const;

  const TimerRules rules_;
  TimerLog log_;
  TimerWheel wheel_;
  TimerCheckpoint check_;
};

}  // namespace tenon::delay
