// SPDX-License-Identifier: Apache-2.0
#include "app/assembly.hpp"

#include "app/kernel_units.hpp"

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

// A handler that throws is a mistake of ours or of a plug-in: said aloud, and the other connections are served on.
void report_handler_fault(const std::string& thread, const std::string& what) {
  Logger("kernel").error("a handler on thread ", thread, " threw: ", what);
}

}  // namespace

Assembly::Assembly(const ConfigSource& source, Health& health, HostContext::FatalFault fatal_fault, Problems& problems)
    : composition(read(source, problems)),
      runtime(read_runtime_config(composition.section("runtime"))),
      broker(read_broker(composition, problems)),
      executors(runtime.net_threads, runtime.disk_threads, runtime.idle_poll, report_handler_fault),
      context(executors, health, std::move(fatal_fault), std::filesystem::absolute(broker.data_dir)),
      plugins(
          PluginSet::load(composition.plugins, SearchPath::of_this_process(runtime.plugin_path), context, problems)) {
  plugins.configure(problems);
  plugins.sort(kernel_as_dependent(), problems);
}

}  // namespace tenon::kernel
