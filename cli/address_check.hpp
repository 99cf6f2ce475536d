// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <CLI/CLI.hpp>

namespace tenon::cli {

/// For options that take HOST:PORT, or several with ';' between them: anything else is a mistake on the command line
/// (exit code 2), and nothing is tried.
CLI::Validator is_address();

}  // namespace tenon::cli
