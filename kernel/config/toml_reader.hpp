// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>

#include "config/node.hpp"
#include "config/problems.hpp"

namespace tenon::kernel {

/// Configuration files are small; a larger one is a mistake (a data file given for a configuration).
inline constexpr std::size_t kConfigBytesMax = 1 << 20;

/// Reads TOML 1.0. After a syntax error or a repeated key the offending line is passed over and reading goes on, so
/// that all such mistakes are found in one run.
/// `origin` names the text in messages.
Table read_toml(std::string_view text, const std::string& origin, Problems& problems);

/// The same for a file. Adds a problem when it cannot be read or is larger than kConfigBytesMax.
Table read_toml_file(const std::filesystem::path& file, Problems& problems);

/// One value, as it stands right of a '='; nothing if `text` is not TOML.
std::optional<Node> read_toml_value(std::string_view text, const Position& at);

}  // namespace tenon::kernel
