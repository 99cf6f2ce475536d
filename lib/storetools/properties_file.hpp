// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace tenon::storetools {

/// The entries of a Java properties file, as java.util.Properties reads it: comments with # or !, `key=value`,
/// `key:value` or `key value`, a backslash at the end of a line joins the next, \uXXXX and the usual escapes. In the
/// order of the file; of several entries with one key the last counts, the others are left out.
std::vector<std::pair<std::string, std::string>> read_properties(std::string_view content);

}  // namespace tenon::storetools
