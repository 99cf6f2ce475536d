// SPDX-License-Identifier: Apache-2.0
#include "lifecycle/health.hpp"

#include "tenon/text.hpp"

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

std::string Health::describe() const {
  if (state_ != HealthState::serving || degraded_.empty()) {
    return std::string(word(state_)) + (detail_.empty() ? "" : ": " + detail_);
  }
  std::string described;
  for (const auto& [who_and_what, reason] : degraded_) {
    described +=
        text(described.empty() ? "degraded: " : "; ", who_and_what.first, ": ", who_and_what.second, ": ", reason);
  }
  return described;
}

void Health::set(HealthState state, std::string_view detail) {
  std::string description;
  {
    const std::scoped_lock lock(mutex_);
    if (state_ == HealthState::failed && state != HealthState::draining && state != HealthState::stopped) return;
    state_ = state;
    detail_ = detail;
    description = describe();
  }
  tell(state, description);
}

bool Health::degrade(std::string_view who, std::string_view what, std::string_view reason) {
  std::string description;
  HealthState state{};
  bool fresh = false;
  {
    const std::scoped_lock lock(mutex_);
    const auto [place, inserted] = degraded_.try_emplace({std::string(who), std::string(what)}, reason);
    fresh = inserted;
    if (!fresh && place->second == reason) return false;
    place->second = reason;
    state = state_;
    description = describe();
  }
  tell(state, description);
  return fresh;
}

bool Health::recover(std::string_view who, std::string_view what) {
  std::string description;
  HealthState state{};
  {
    const std::scoped_lock lock(mutex_);
    if (degraded_.empty() || degraded_.erase({std::string(who), std::string(what)}) == 0) return false;
    state = state_;
    description = describe();
  }
  tell(state, description);
  return true;
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
