// SPDX-License-Identifier: Apache-2.0
#include "routing/plugin_faults.hpp"

#include <exception>

namespace tenon::kernel {
namespace {

Error error_of_current_exception() {
  try {
    throw;
  } catch (const Failure& failure) {
    return failure.error();
  } catch (const std::exception& problem) {
    return {Errc::internal, problem.what()};
  } catch (...) {
    return {Errc::internal, "something that is no std::exception"};
  }
}

}  // namespace

Error PluginFaults::caught(std::string_view instance, std::string_view doing) {
  const Error cause = error_of_current_exception();
  Error error(cause.code(), text("plug-in '", instance, "' threw while ", doing, ": ", cause.message()));
  statistics_.count_incident(text("plugin.", instance, ".threw"));
  {
    const std::scoped_lock lock(mutex_);
    if (!logged_.emplace(instance).second) return error;
  }
  log_.error(error.message(), " (said once; counted as plugin.", instance, ".threw)");
  return error;
}

}  // namespace tenon::kernel
