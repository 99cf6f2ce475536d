// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <utility>
#include <vector>

namespace tenon::e2e {

/// What a run of the program left.
struct CommandRun {
  int code = -1;       ///< Exit code, or 128 + the signal that ended it.
  std::string output;  ///< Standard output.
  std::string errors;  ///< Standard error.
};

struct CommandInput {
  std::string text = {};  ///< Standard input.
  std::vector<std::pair<std::string, std::string>> environment = {};
};

/// Runs `tenon` with these words, to its end. Throws std::runtime_error when it cannot be started.
CommandRun run_tenon(const std::vector<std::string>& words, const CommandInput& input = {});

}  // namespace tenon::e2e
