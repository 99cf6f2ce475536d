// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <span>

#include "delay_rules.hpp"
#include "tenon/config.hpp"
#include "timer_files.hpp"

namespace tenon::delay {

/// The values of `[plugins.delay]`.
struct DelaySettings {
  DelayRules rules;
  TimerSettings timer;
  std::int64_t offset_flush_interval_ms = 1'000;
};

std::span<const ConfigKey> delay_keys();
DelaySettings read_delay_settings(const ConfigSection& section, Diagnostics& complaints);

}  // namespace tenon::delay
