// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <mutex>
#include <set>
#include <string>
#include <string_view>
#include <type_traits>

#include "tenon/error.hpp"
#include "tenon/log.hpp"
#include "tenon/statistics.hpp"

namespace tenon::kernel {

/// Keeps what a plug-in throws on the paths of messages from going further than the call: it becomes an error, is
/// logged once for each instance (a plug-in that throws at all throws often) and counted each time as
/// "plugin.<instance>.threw". Threads: any; the lock is a leaf.
class PluginFaults {
 public:
  PluginFaults(Statistics& statistics, Logger log) : statistics_(statistics), log_(log) {}

  /// What `call` returns, a Result, or the error made of what it threw. `doing` completes "plug-in 'x' threw while
  /// ...".
  template <class Call>
  std::invoke_result_t<Call> guard(std::string_view instance, std::string_view doing, const Call& call) {
    try {
      return call();
    } catch (...) {
      return caught(instance, doing);
    }
  }

  /// The error made of the exception that is being handled. Only inside a catch block. A Failure keeps its code.
  Error caught(std::string_view instance, std::string_view doing);

 private:
  Statistics& statistics_;
  const Logger log_;
  std::mutex mutex_;
  std::set<std::string, std::less<>> logged_;  ///< Instances.
};

}  // namespace tenon::kernel
