// SPDX-License-Identifier: Apache-2.0
// The plug-in itself, linked into the test program.
#pragma once

#include <map>
#include <memory>
#include <string>

#include "tenon/plugin.hpp"

extern "C" tenon::Plugin* tenon_plugin_create(tenon::Host& host);

namespace tenon::testing {

inline std::unique_ptr<Plugin> make_transaction_plugin(Host& host) {
  return std::unique_ptr<Plugin>(tenon_plugin_create(host));
}
inline const std::map<std::string, std::string> kQuickChecks{{"check_interval", "1ms"}};

}  // namespace tenon::testing
