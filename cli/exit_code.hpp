// SPDX-License-Identifier: Apache-2.0
#pragma once

namespace tenon::cli {

/// How a command ended. Stable: scripts depend on the numbers (docs/operations/exit-codes.md).
enum class ExitCode : int {
  ok = 0,
  failure = 1,         ///< It was tried and did not work: no connection, refused by the broker, a fault while serving.
  usage = 2,           ///< The command line or the configuration is wrong; nothing was tried.
  plugin_refused = 3,  ///< A plug-in file does not fit this program; none of its code ran.
  damaged = 4,         ///< `tenon store`: what was looked at is damaged; a dry run: there is something to repair.
};

}  // namespace tenon::cli
