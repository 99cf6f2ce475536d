// SPDX-License-Identifier: Apache-2.0
// Writes each phase it goes through to a journal, and fails in the one it is told to.
#include <unistd.h>

#include <fstream>
#include <stdexcept>
#include <string>

#include "tenon/plugin.hpp"

namespace tenon::probe {

constexpr ConfigKey kKeys[] = {
    {.name = "journal", .type = ConfigType::path, .meaning = "File that the phases are written to.", .required = true},
    {.name = "fail_in",
     .default_value = "none",
     .meaning = "The phase that throws.",
     .choices = "none|configure|wire|start|serve|drain"},
    {.name = "hang_in_drain", .type = ConfigType::boolean, .default_value = "false", .meaning = "Never end draining."},
    {.name = "live",
     .type = ConfigType::integer,
     .default_value = "0",
     .meaning = "A live key.",
     .reload = Reload::live},
};

class ProbePlugin final : public Plugin {
 public:
  explicit ProbePlugin(Host& host) : host_(host) {}

  std::span<const ConfigKey> config_keys() const override { return kKeys; }
  void configure(const ConfigSection& section, Diagnostics&) override {
    journal_ = section.string("journal");
    fail_in_ = section.string("fail_in");
    hang_in_drain_ = section.boolean("hang_in_drain");
    enter("configure");
  }
  void wire(Services&) override { enter("wire"); }
  void start() override { enter("start"); }
  void serve() override { enter("serve"); }
  void reload(const ConfigSection& section) override { write("reload to " + std::to_string(section.integer("live"))); }
  void drain(std::chrono::steady_clock::time_point) override {
    enter("drain");
    while (hang_in_drain_) pause();
  }
  void stop() noexcept override { write("stop"); }

 private:
  void write(const std::string& phase) {
    std::ofstream(journal_, std::ios::app) << host_.instance_name() << '.' << phase << '\n';
  }
  void enter(const std::string& phase) {
    write(phase);
    if (phase == fail_in_) throw std::runtime_error("told to fail");
  }

  Host& host_;
  std::string journal_, fail_in_;
  bool hang_in_drain_ = false;
};

}  // namespace tenon::probe

TENON_PLUGIN(tenon::probe::ProbePlugin, "test.probe", "1.0", PROBE_PROVIDES, PROBE_REQUIRES "; " PROBE_OPTIONAL)
