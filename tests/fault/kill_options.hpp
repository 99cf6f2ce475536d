// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <functional>
#include <string_view>

namespace tenon::fault {

/// What every program of the campaign is told: `--cycles N` (at least 1) and `--seed N`.
struct KillOptions {
  int cycles = 20;
  std::uint64_t seed = 1;
};

/// An option of one program's own; false: there is none of that name, or not with that value.
using OwnOption = std::function<bool(std::string_view name, std::string_view value)>;

/// Reads pairs of a name and a value into `options`. Returns false, and has printed `usage`, where one cannot be read.
bool read_options(int argc, char** argv, const char* usage, KillOptions& options, const OwnOption& own = {});

}  // namespace tenon::fault
