// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "app/plugin_set.hpp"
#include "config/composition.hpp"
#include "config/kernel_sections.hpp"
#include "lifecycle/cpu_set.hpp"
#include "lifecycle/executors.hpp"
#include "lifecycle/health.hpp"
#include "lifecycle/plugin_host.hpp"
#include "routing/broker_config.hpp"

namespace tenon::kernel {

/// A configuration file with its `--set KEY=VALUE` words.
struct ConfigSource {
  std::filesystem::path file;
  std::vector<std::string> overrides;
};

/// The processors of runtime.net_cpus; what is no list of some that are `available` goes to `problems`.
CpuSet read_net_cpus(const Composition& composition, const CpuSet& available, Problems& problems);

/// Everything up to the point where nothing has been touched yet: the configuration checked, the plug-ins loaded,
/// configured and put in order. Shared by `tenon serve` and `tenon config`.
///
/// The order of members is the order of life: executors outlive the plug-ins that use them.
/// Threads: one; the executors' threads are not started here.
class Assembly {
 public:
  /// What is wrong goes to `problems`; with any the assembly must not be started.
  Assembly(const ConfigSource& source, Health& health, HostContext::FatalFault fatal_fault, Problems& problems);

  const CpuSet available_cpus = CpuSet::of_this_thread();  ///< Before the executors keep threads off some of them.
  Composition composition;
  RuntimeConfig runtime;
  BrokerConfig broker;
  Executors executors;
  HostContext context;
  PluginSet plugins;
};

}  // namespace tenon::kernel
