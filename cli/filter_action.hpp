// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "exit_code.hpp"

namespace tenon::cli {

struct FilterEvalOptions {
  std::optional<std::string> expression;  ///< None: questions stand on standard input, one a line.
  std::vector<std::string> properties;    ///< "name=value" each.
};

/// Prints the result of one expression, or answers every line of standard input at once. Failure: the expression does
/// not compile; a line is no question. Usage: a property without '='.
ExitCode evaluate_filters(const FilterEvalOptions& options);

}  // namespace tenon::cli
