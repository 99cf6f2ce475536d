// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>
#include <mutex>
#include <string>
#include <string_view>

namespace tenon::kernel {

enum class HealthState { starting, serving, draining, failed, stopped };

/// What the process is doing, for people and for the service manager. Threads: any.
class Health {
 public:
  /// Called after each change, outside the lock, on the thread that made it.
  using Changed = std::function<void(HealthState, const std::string& description)>;

  explicit Health(Changed changed = {}) : changed_(std::move(changed)) {}

  /// `detail` says more: "store: recovering 43 %". A failed process stays failed, except that it drains and stops.
  void set(HealthState state, std::string_view detail = {});
  /// While starting: what goes on. Ignored in every other state.
  void progress(std::string_view detail);
  HealthState state() const;
  /// "starting: store: recovering 43 %"
  std::string description() const;

 private:
  std::string describe() const;

  mutable std::mutex mutex_;
  HealthState state_ = HealthState::starting;
  std::string detail_;
  Changed changed_;
};

}  // namespace tenon::kernel
