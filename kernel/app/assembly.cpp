// SPDX-License-Identifier: Apache-2.0
#include "app/assembly.hpp"

#include <algorithm>
#include <thread>

#include "app/kernel_units.hpp"
#include "tenon/text.hpp"

namespace tenon::kernel {
namespace {

Composition read(const ConfigSource& source, Problems& problems) {
  return read_composition(source.file, source.overrides, kernel_sections(), problems);
}

BrokerConfig read_broker(const Composition& composition, Problems& problems) {
  const CheckedSection& section = composition.section("broker");
  SectionDiagnostics complaints(section, problems);
  return read_broker_config(section, complaints);
}

CpuSet read_cpus(const std::string& list, const CpuSet& available, Diagnostics& complaints) {
  const auto cpus = CpuSet::parse(list);
  if (!cpus) {
    complaints.error("net_cpus", "expected numbers of processors below 1024, such as \"0\" or \"0-3,8\"");
  } else if (const CpuSet missing = cpus->without(available); !available.empty() && !missing.empty()) {
    complaints.error("net_cpus",
                     text("this process may not run on ", missing.to_string(), ", but on ", available.to_string()));
  }
  return cpus.value_or(CpuSet());
}

Executors::Net read_net(const RuntimeConfig& runtime, const CpuSet& cpus) {
  constexpr int kMost = 256;  // as net_threads
  const int fitting = cpus.empty() ? static_cast<int>(std::thread::hardware_concurrency()) / 2 : cpus.size();
  const int threads = runtime.net_threads > 0 ? runtime.net_threads : std::clamp(fitting, 1, kMost);
  return {.threads = threads,
          .idle_poll = runtime.idle_poll,
          .cpus = cpus,
          .catch_up_threads = runtime.catch_up_threads > 0 ? runtime.catch_up_threads : std::max(threads / 4, 1)};
}

// A handler that throws is a mistake of ours or of a plug-in: said aloud, and the other connections are served on.
void report_handler_fault(const std::string& thread, const std::string& what) {
  Logger("kernel").error("a handler on thread ", thread, " threw: ", what);
}

}  // namespace

CpuSet read_net_cpus(const Composition& composition, const CpuSet& available, Problems& problems) {
  const CheckedSection& runtime = composition.section("runtime");
  SectionDiagnostics complaints(runtime, problems);
  return read_cpus(runtime.string("net_cpus"), available, complaints);
}

Assembly::Assembly(const ConfigSource& source, Health& health, HostContext::FatalFault fatal_fault, Problems& problems)
    : composition(read(source, problems)),
      runtime(read_runtime_config(composition.section("runtime"))),
      broker(read_broker(composition, problems)),
      executors(read_net(runtime, read_net_cpus(composition, available_cpus, problems)), runtime.disk_threads,
                report_handler_fault),
      context(executors, health, std::move(fatal_fault), std::filesystem::absolute(broker.data_dir)),
      plugins(
          PluginSet::load(composition.plugins, SearchPath::of_this_process(runtime.plugin_path), context, problems)) {
  plugins.configure(problems);
  plugins.sort(kernel_as_dependent(), problems);
}

}  // namespace tenon::kernel
