// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include "exit_code.hpp"

namespace tenon::cli {

/// Prints type, id, version, and whether it fits, of every file on the search path; plugin_refused if one does not.
ExitCode list_plugins();
/// Prints the note of a file, or of a type on the search path; plugin_refused, with the reason, if this program could
/// not load it.
ExitCode inspect_plugin(const std::string& file_or_type);

}  // namespace tenon::cli
