// SPDX-License-Identifier: Apache-2.0
#include "delay_keys.hpp"

namespace tenon::delay {
namespace {

constexpr std::int64_t kDayMs = 86'400'000;

constexpr ConfigKey kKeys[] = {
    {.name = "message_delay_level",
     .default_value = DelayLevels::kDefault,
     .meaning = "The delays of the levels 1, 2, ... as RocketMQ's messageDelayLevel; units s, m, h, d."},
    {.name = "delay_offset_flush_interval",
     .type = ConfigType::duration,
     .default_value = "1s",
     .meaning = "How often the progress of the levels is written while they deliver (flushDelayOffsetInterval).",
     .minimum = 10,
     .maximum = kDayMs},
    {.name = "timer",
     .type = ConfigType::boolean,
     .default_value = "true",
     .meaning = "Takes messages with an arbitrary time of delivery (timerWheelEnable)."},
    {.name = "timer_max_delay",
     .type = ConfigType::duration,
     .default_value = "72h",
     .meaning = "The furthest time a message may ask for (timerMaxDelaySec).",
     .minimum = 1'000,
     .maximum = 100 * 365 * kDayMs},
    {.name = "timer_precision",
     .default_value = "1s",
     .meaning = "Width of a slot of the timer wheel (timerPrecisionMs); must stay as the files were made.",
     .choices = "100ms|200ms|500ms|1s"},
    {.name = "timer_roll_window",
     .type = ConfigType::duration,
     .default_value = "48h",
     .meaning = "What is due later is stored again on its way; keep it below the store's retention "
                "(timerRollWindowSlot).",
     .minimum = 2'000,
     .maximum = 6 * kDayMs},
    {.name = "timer_log_file_size",
     .type = ConfigType::size,
     .default_value = "100MiB",
     .meaning = "Length of a timer log file (mappedFileSizeTimerLog); must stay as the files were made.",
     .minimum = 1'040,
     .maximum = 1LL << 30},
    {.name = "timer_flush_interval",
     .type = ConfigType::duration,
     .default_value = "1s",
     .meaning = "How often the timer files are forced to the disk while they change (timerFlushIntervalMs).",
     .minimum = 10,
     .maximum = kDayMs},
    {.name = "recall",
     .type = ConfigType::boolean,
     .default_value = "true",
     .meaning = "Lets producers take timed messages back with the handle they got (recallMessageEnable)."},
};

std::int64_t precision_of(std::string_view word) {
  if (word == "100ms") return 100;
  if (word == "200ms") return 200;
  return word == "500ms" ? 500 : 1'000;
}

}  // namespace

std::span<const ConfigKey> delay_keys() { return kKeys; }

DelaySettings read_delay_settings(const ConfigSection& section, Diagnostics& complaints) {
  DelaySettings settings;
  auto levels = DelayLevels::parse(section.string("message_delay_level"));
  if (levels) {
    settings.rules.levels = std::move(*levels);
  } else {
    complaints.error("message_delay_level", levels.error().message());
  }
  settings.offset_flush_interval_ms = section.duration("delay_offset_flush_interval").count();
  settings.rules.timers = section.boolean("timer");
  settings.rules.timer_max_delay_ms = section.duration("timer_max_delay").count();
  settings.rules.recall = section.boolean("recall");
  settings.rules.timer.precision_ms = precision_of(section.string("timer_precision"));
  settings.timer.rules = settings.rules.timer;
  settings.timer.roll_window_ms = section.duration("timer_roll_window").count();
  settings.timer.log_file_size = section.size_bytes("timer_log_file_size");
  settings.timer.flush_interval_ms = section.duration("timer_flush_interval").count();
  // The wheel is seven days of slots wide, twice; a narrower slot makes it narrower.
  const std::int64_t widest = TimerWheel::kSlots / 2 * settings.rules.timer.precision_ms;
  if (settings.timer.roll_window_ms > widest) {
    complaints.error("timer_roll_window", "is wider than the timer wheel, which is 604,800 slots of timer_precision");
  }
  return settings;
}

}  // namespace tenon::delay
