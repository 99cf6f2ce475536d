// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include "delay_levels.hpp"
#include "timer_rules.hpp"

namespace tenon::delay {

/// What the configuration says about accepting delayed messages.
struct DelayRules {
  DelayLevels levels;
  bool timers = true;
  TimerRules timer;
  std::int64_t timer_max_delay_ms = 259'200'000;
  bool recall = true;
};

}  // namespace tenon::delay
