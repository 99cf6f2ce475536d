// SPDX-License-Identifier: Apache-2.0
// A plug-in of another build: its note says so, and any code of it that runs ends the test.
#include <cstdlib>

#include "tenon/plugin.hpp"

extern "C" TENON_EXPORT __attribute__((section("tenonplugin"), used))
const tenon::PluginNote tenon_plugin_note{tenon::kPluginNoteMagic,
                                          sizeof(tenon::PluginNote),
                                          FOREIGN_EPOCH,
                                          "sdk=9.9.9-000000000000;compiler=acme-1",
                                          "test.foreign",
                                          "1.0",
                                          "",
                                          ""};

extern "C" TENON_EXPORT tenon::Plugin* tenon_plugin_create(tenon::Host&) { std::abort(); }

namespace {
__attribute__((constructor)) void code_of_a_refused_plugin_ran() { std::abort(); }
}  // namespace
