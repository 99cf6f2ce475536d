// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <string>
#include <vector>

#include "routing/plugin_faults.hpp"
#include "tenon/admin_command.hpp"
#include "tenon/services.hpp"
#include "tenon/text.hpp"

namespace tenon::kernel {

/// The commands of all plug-ins, by name. Threads: any once wired.
class CommandDirectory final : public AdminCommands {
 public:
  explicit CommandDirectory(PluginFaults& faults) : faults_(faults) {}

  void wire(std::vector<Keyed<AdminCommand>> commands) { commands_ = std::move(commands); }

  Result<std::string> run(std::string_view name, std::string_view arguments) override {
    const auto found = std::ranges::find(commands_, name, &Keyed<AdminCommand>::key);
    if (found == commands_.end()) {
      std::string known;
      for (const auto& command : commands_) known += (known.empty() ? "" : ", ") + command.key;
      return Error(Errc::query_not_found, text("no loaded plug-in offers the command ", name, ", known are ", known));
    }
    return faults_.guard(found->provider, "running an admin command", [&] { return found->service->run(arguments); });
  }

 private:
  PluginFaults& faults_;
  std::vector<Keyed<AdminCommand>> commands_;
};

}  // namespace tenon::kernel
