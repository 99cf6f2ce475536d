// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "app/assembly.hpp"
#include "app/outcome.hpp"

namespace tenon::kernel {

/// `tenon serve`: assembles what the configuration asks for, serves until a signal or a fatal fault, and stops in
/// order. Errors are printed to standard error, the banner to standard output. Threads: the main thread, for the whole
/// time.
Outcome serve(const ConfigSource& source);

}  // namespace tenon::kernel
