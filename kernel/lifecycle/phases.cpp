// SPDX-License-Identifier: Apache-2.0
#include "lifecycle/phases.hpp"

#include <exception>

#include "tenon/error.hpp"

namespace tenon::kernel {
namespace {

// Runs one phase of one plug-in; whatever it throws becomes a Failure that names both.
template <class Call>
void run_phase(const Unit& unit, std::string_view phase, const Call& call) {
  try {
    call();
  } catch (const Failure& failure) {
    throw Failure(Error(failure.error().code(), phase_failure(unit.name, phase, failure.what())));
  } catch (const std::exception& problem) {
    throw Failure(Error(Errc::internal, phase_failure(unit.name, phase, problem.what())));
  } catch (...) {
    throw Failure(Error(Errc::internal, phase_failure(unit.name, phase, "threw something that is no std::exception")));
  }
}

}  // namespace

std::string phase_failure(const std::string& name, std::string_view phase, std::string_view reason) {
  return text("plug-in '", name, "' failed in phase '", phase, "': ", reason);
}

void Phases::wire(ServiceRegistry& registry) {
  for (const Unit& unit : units_) {
    PluginServices services(registry, unit.name, unit.provides, unit.requires_);
    run_phase(unit, "wire", [&] { unit.plugin->wire(services); });
  }
}

bool Phases::start_all(const StopRequested& stop_requested) {
  for (const Unit& unit : units_) {
    if (stop_requested()) return false;
    ++entered_;
    log_.debug("starting ", unit.name);
    run_phase(unit, "start", [&] { unit.plugin->start(); });
    ++started_;
  }
  return !stop_requested();
}

bool Phases::start(const StopRequested& stop_requested, std::chrono::milliseconds drain_time) {
  try {
    if (start_all(stop_requested)) {
      for (const Unit& unit : units_) run_phase(unit, "serve", [&] { unit.plugin->serve(); });
      return true;
    }
  } catch (const Failure& failure) {
    unwind(drain_time);
    // One that takes long looks for a stop by itself.
    if (failure.error().is(Errc::shutting_down) && stop_requested()) return false;
    throw;
  }
  unwind(drain_time);
  return false;
}

void Phases::unwind(std::chrono::milliseconds drain_time) {
  drain(std::chrono::steady_clock::now() + drain_time);
  stop();
}

void Phases::drain(std::chrono::steady_clock::time_point deadline) {
  for (; started_ > 0; --started_) {
    const Unit& unit = units_[started_ - 1];
    log_.debug("draining ", unit.name);
    try {
      run_phase(unit, "drain", [&] { unit.plugin->drain(deadline); });
    } catch (const Failure& failure) {
      log_.error(failure.what());
    }
  }
}

void Phases::stop() noexcept {
  for (; entered_ > 0; --entered_) {
    log_.debug("stopping ", units_[entered_ - 1].name);
    units_[entered_ - 1].plugin->stop();
  }
}

}  // namespace tenon::kernel
