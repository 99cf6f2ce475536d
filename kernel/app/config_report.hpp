// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include "app/assembly.hpp"
#include "app/outcome.hpp"

namespace tenon::kernel {

/// `tenon config check`: loads and configures the plug-ins, so that their sections are checked, too; starts nothing and
/// touches no data. Mistakes go to standard error.
Outcome check_config(const ConfigSource& source);
/// `tenon config show`: every value in force, as TOML, with where it was said.
Outcome show_config(const ConfigSource& source);

struct ExplainRequest {
  std::string section;  ///< "broker", "plugins.store-mmap", "store-mmap", or a key, "broker.name"; empty for all.
  bool markdown = false;
};
/// `tenon config explain`: the kernel's sections and those of every plug-in on the search path.
Outcome explain_config(const ExplainRequest& request);

}  // namespace tenon::kernel
