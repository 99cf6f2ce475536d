// SPDX-License-Identifier: Apache-2.0
// The composition root: wiring only.
#include "app/serve.hpp"

#include <cstdio>
#include <cstdlib>
#include <exception>

#include "app/banner.hpp"
#include "app/kernel_units.hpp"
#include "app/ports_file.hpp"
#include "app/reload.hpp"
#include "lifecycle/control.hpp"
#include "lifecycle/data_directory.hpp"
#include "lifecycle/descriptor_limit.hpp"
#include "lifecycle/phases.hpp"
#include "lifecycle/service_manager.hpp"
#include "lifecycle/signals.hpp"
#include "tenon/message_store.hpp"
#include "tenon/route_table.hpp"

namespace tenon::kernel {
namespace {

void print_error(const std::string& message) { std::fprintf(stderr, "tenon: %s\n", message.c_str()); }

BannerFacts facts_of(const Assembly& assembly) {
  BannerFacts facts;
  facts.listeners = assembly.context.listeners();
  facts.data_dir = assembly.context.data_dir;
  for (const auto& plugin : assembly.plugins.instances()) {
    facts.plugins.push_back(text(plugin->table.name, " (", plugin->table.type, " ", plugin->note.version, ")"));
  }
  facts.name_servers = assembly.broker.name_servers;
  facts.is_broker = assembly.plugins.provides(MessageStore::kId.to_string());
  facts.is_name_server = assembly.plugins.provides(RouteTable::kId.to_string());
  return facts;
}

// One serving process, from the checked configuration to the end. Threads: `ctl`.
class Session {
 public:
  Session(const ConfigSource& source, Control& control, Health& health, const ServiceManager& manager)
      : source_(source), control_(control), health_(health), manager_(manager) {}

  Outcome run() {
    Problems problems;
    Assembly assembly(
        source_, health_, [this](const std::string& why) { control_.report_fatal_fault(why); }, problems);
    if (!problems.empty()) {
      std::fputs(problems.to_string().c_str(), stderr);
      return assembly.plugins.refused() ? Outcome::plugin_refused : Outcome::usage;
    }
    set_log_level(read_log_level(assembly.composition.section("log")));
    const DataDirectory data_directory = DataDirectory::open(assembly.context.data_dir).value();
    PluginHost kernel_host("kernel", assembly.context);
    Broker broker(assembly.broker, kernel_host);
    assembly.executors.start();
    const Outcome outcome = live(assembly, broker);
    assembly.executors.stop();
    return outcome;
  }

 private:
  Outcome live(Assembly& assembly, Broker& broker) {
    BrokerHead head(broker);
    BrokerTail tail(broker);
    Phases phases(units_of(assembly, head, tail), Logger("kernel"));
    ServiceRegistry registry;
    const auto stop_requested = [this] { return control_.stop_requested(); };
    broker.end_start_when(stop_requested);
    try {
      phases.wire(registry);
      if (!phases.start(stop_requested, assembly.runtime.drain_timeout)) return ended();
    } catch (const Failure& failure) {
      print_error(failure.what());
      return Outcome::failure;
    }
    announce(assembly);
    wait_for_the_end(assembly);
    health_.set(HealthState::draining);
    phases.drain(std::chrono::steady_clock::now() + assembly.runtime.drain_timeout);
    phases.stop();
    return ended();
  }

  static std::vector<Unit> units_of(const Assembly& assembly, BrokerHead& head, BrokerTail& tail) {
    const Dependent kernel = kernel_as_dependent();
    std::vector<Unit> units{{"kernel", &head, kernel.provides, {}}};
    for (const auto& instance : assembly.plugins.instances()) {
      units.push_back(
          {instance->table.name, instance->plugin.get(), instance->note.provides, instance->note.requires_});
    }
    units.push_back({"kernel", &tail, {}, kernel_needs()});
    return units;
  }

  void announce(const Assembly& assembly) {
    std::fputs(banner(facts_of(assembly)).c_str(), stdout);
    std::fflush(stdout);
    if (!assembly.runtime.ports_file.empty())
      write_ports_file(assembly.runtime.ports_file, assembly.context.listeners());
    health_.set(HealthState::serving);
    manager_.ready(health_.description());
  }

  void wait_for_the_end(Assembly& assembly) {
    while (control_.wait() == Control::Wish::reload) {
      manager_.reloading();
      reload(source_, assembly, log_);
      manager_.ready(health_.description());
    }
  }

  Outcome ended() {
    health_.set(HealthState::stopped);
    const std::string fault = control_.fatal_fault();
    if (fault.empty()) return Outcome::ok;
    print_error(text("stopped because of a fault: ", fault));
    return Outcome::failure;
  }

  const ConfigSource& source_;
  Control& control_;
  Health& health_;
  const ServiceManager& manager_;
  Logger log_{"kernel"};
};

std::string environment(const char* name) {
  const char* value = std::getenv(name);
  return value == nullptr ? std::string() : value;
}

}  // namespace

Outcome serve(const ConfigSource& source) {
  raise_descriptor_limit();
  const ServiceManager manager(environment("NOTIFY_SOCKET"));
  Health health([&manager](HealthState state, const std::string& description) {
    if (state == HealthState::draining)
      manager.stopping(description);
    else
      manager.status(description);
  });
  Control control;
  const auto still_well = [&health] { return health.state() != HealthState::failed; };
  const auto session = [&]() noexcept {
    try {
      return static_cast<int>(Session(source, control, health, manager).run());
    } catch (const std::exception& problem) {
      print_error(problem.what());
      return static_cast<int>(Outcome::failure);
    }
  };
  return static_cast<Outcome>(run_under_signals(control, manager, still_well, session));
}

}  // namespace tenon::kernel
