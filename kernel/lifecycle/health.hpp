// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>
#include <map>
#include <mutex>
#include <string>
#include <string_view>
#include <utility>

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
  /// A state that is bad and may pass: while serving, the description says "degraded" and names it. True if it is new;
  /// a known one only gets the new reason. `who` is the instance, `what` names the state among those of the instance.
  bool degrade(std::string_view who, std::string_view what, std::string_view reason);
  /// False if that state had not been reported.
  bool recover(std::string_view who, std::string_view what);
  HealthState state() const;
  /// "starting: store: recovering 43 %", "serving", "degraded: store: disk full: ...; ha: ..."
  std::string description() const;

 private:
  std::string describe() const;
  void tell(HealthState state, const std::string& description) const {
    if (changed_) changed_(state, description);
  }

  mutable std::mutex mutex_;
  HealthState state_ = HealthState::starting;
  std::string detail_;
  std::map<std::pair<std::string, std::string>, std::string> degraded_;  ///< Reasons by instance and what.
  Changed changed_;
};

}  // namespace tenon::kernel
