// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "exit_code.hpp"
#include "message_text.hpp"

namespace tenon::cli {

struct ConsumeOptions {
  std::string name_servers = "127.0.0.1:9876";
  std::string topic;
  std::string group;  ///< Empty: read every queue without being registered.
  std::string expression = "*";
  std::string expression_type = "TAG";
  std::optional<std::string> sql;  ///< An SQL92 expression instead of the two.
  bool broadcasting = false;
  bool from_beginning = false;
  std::uint64_t count = 0;
  double timeout_seconds = 0;
  OutputForm form = OutputForm::text;
};

/// Prints messages to standard output until `count` are out, the time is over, or SIGINT or SIGTERM comes; the offsets
/// of what was printed are then committed. Problems go to standard error and are tried again. Errors: tenon::Failure.
/// Returns failure when the time is over before `count` messages came.
ExitCode consume_messages(const ConsumeOptions& options);

}  // namespace tenon::cli
