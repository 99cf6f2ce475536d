// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>

#include "tenon/text.hpp"

namespace tenon::kernel {

/// Where something in the configuration was said: a place in the file, or one `--set` of the command line.
struct Position {
  std::string origin;      ///< File name as the user gave it, or "--set KEY=VALUE".
  std::uint32_t line = 0;  ///< From 1; 0 for the command line.
  std::uint32_t column = 0;

  /// "conf/broker.toml:14:1", or the origin alone.
  std::string to_string() const { return line == 0 ? origin : text(origin, ":", line, ":", column); }
};

}  // namespace tenon::kernel
