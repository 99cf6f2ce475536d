// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <cstddef>
#include <functional>
#include <string>
#include <vector>

#include "plugin/capability_list.hpp"
#include "plugin/registry.hpp"
#include "tenon/log.hpp"
#include "tenon/plugin.hpp"

namespace tenon::kernel {

/// A part that goes through the phases: a plug-in, or a part of the kernel that joins in like one.
struct Unit {
  std::string name;
  Plugin* plugin;  ///< Not owned; alive until stop() returned.
  std::vector<CapabilityRef> provides;
  std::vector<CapabilityRef> requires_;
};

/// Takes units through wire, start, serve, drain and stop, and unwinds when one fails.
///
/// Invariants: a unit is started only after all before it have started, and serves only after all have; it is drained
/// only if its start() returned, and stopped exactly once if its start() was entered; both in reverse order. Of several
/// failures the first is reported, later ones are logged.
/// Threads: one (`ctl`).
class Phases {
 public:
  /// Asked before each start and before they serve; true ends the start as a failure would, without an error. So does a
  /// start() that throws shutting_down then.
  using StopRequested = std::function<bool()>;

  /// `units` in dependency order.
  Phases(std::vector<Unit> units, Logger log) : units_(std::move(units)), log_(log) {}

  /// Throws Failure: "plug-in 'x' failed in phase 'wire': ...". Nothing has to be undone then.
  void wire(ServiceRegistry& registry);
  /// Starts all, then lets all serve. False if stop was requested on the way; throws Failure if one failed. Either way
  /// what had started is drained until `drain_time` is over and stopped before this returns.
  bool start(const StopRequested& stop_requested, std::chrono::milliseconds drain_time);
  /// Drains all that started, each with the same deadline.
  void drain(std::chrono::steady_clock::time_point deadline);
  void stop() noexcept;

 private:
  /// False if stop was requested.
  bool start_all(const StopRequested& stop_requested);
  void unwind(std::chrono::milliseconds drain_time);

  std::vector<Unit> units_;
  Logger log_;
  std::size_t started_ = 0;  ///< start() returned for units below this.
  std::size_t entered_ = 0;  ///< start() was entered for units below this.
};

/// "plug-in 'x' failed in phase 'start': <reason>"
std::string phase_failure(const std::string& name, std::string_view phase, std::string_view reason);

}  // namespace tenon::kernel
