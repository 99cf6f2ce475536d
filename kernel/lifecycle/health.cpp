// SPDX-License-Identifier: Apache-2.0
#include "lifecycle/health.hpp"

namespace tenon::kernel {
namespace {

std::string_view word(HealthState state) {
  switch (state) {
    case HealthState::starting:
      return "starting";
    case HealthState::serving:
      return "serving";
    case HealthState::draining:
      return "draining";
    case HealthState::failed:
      return "failed";
    case HealthState::stopped:
      return "stopped";
  }
  return "unknown";
}

}  // namespace

std::string Health::describe() const { return std::string(word(state_)) + (detail_.empty() ? "" : ": " + detail_); }

void Health::set(HealthState state, std::string_view detail) {
  std::string description;
  {
    const std::scoped_lock lock(mutex_);
    if (state_ == HealthState::failed && state != HealthState::draining && state != HealthState::stopped) return;
    state_ = state;
    detail_ = detail;
    description = describe();
  }
  if (changed_) changed_(state, description);
}

void Health::progress(std::string_view detail) {
  if (state() == HealthState::starting) set(HealthState::starting, detail);
}

HealthState Health::state() const {
  const std::scoped_lock lock(mutex_);
  return state_;
}

std::string Health::description() const {
  const std::scoped_lock lock(mutex_);
  return describe();
}

}  // namespace tenon::kernel
