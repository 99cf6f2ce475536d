// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

#include "tenon/error.hpp"

namespace tenon::cli {

/// The capabilities that `tenon plugin new` has a skeleton for.
std::vector<std::string> skeleton_capabilities();

/// Writes the sources of a new plug-in called `name` into the directory `name` below `where`: a CMake project that
/// builds against the installed SDK, an engine with a test, and the plug-in shell around it. Returns the files written.
/// Errors: invalid_parameter (name, capability, the directory exists already), io.
Result<std::vector<std::filesystem::path>> write_skeleton(std::string_view name, std::string_view capability,
                                                          const std::filesystem::path& where);

}  // namespace tenon::cli
