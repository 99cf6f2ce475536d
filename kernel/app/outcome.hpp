// SPDX-License-Identifier: Apache-2.0
#pragma once

namespace tenon::kernel {

/// How serving, or checking a configuration, ended. The numbers are the program's exit codes.
enum class Outcome : int { ok = 0, failure = 1, usage = 2, plugin_refused = 3 };

}  // namespace tenon::kernel
