// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>

#include "tenon/capability.hpp"
#include "tenon/error.hpp"

namespace tenon {

/// Something an operator can ask of this process by name, such as "ha.status": JSON in, JSON out. Offered by the kernel
/// and by plug-ins under the command's name; gathered by the kernel.
///
/// Threads: run() on a thread that may block. Errors: those of the command; illegal_operation when it refuses, with a
/// text that says why and what would help.
class TENON_EXPORT AdminCommand : public Capability {
 public:
  static constexpr CapabilityId kId{"tenon.admin-command", 1};

  /// `arguments` is a JSON object, or empty. Returns a JSON object.
  virtual Result<std::string> run(std::string_view arguments) = 0;
};

/// All of them. Offered by the kernel; a protocol plug-in carries requests to it and says who may ask. Threads and
/// errors: those of AdminCommand; query_not_found for a name that nobody offers.
class TENON_EXPORT AdminCommands : public Capability {
 public:
  static constexpr CapabilityId kId{"tenon.admin-commands", 1};

  virtual Result<std::string> run(std::string_view name, std::string_view arguments) = 0;
};

}  // namespace tenon
