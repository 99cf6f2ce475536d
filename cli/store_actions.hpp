// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>

#include "exit_code.hpp"

namespace tenon::cli {

/// What the commands of `tenon store` were asked for.
struct StoreActionOptions {
  std::string directory, commit_log_directory;
  bool json = false, quiet = false;
  // repair
  bool dry_run = false, cut_records = false;
  // dump
  std::string topic;
  std::int32_t queue_id = -1;
  std::int64_t from = -1, count = INT64_MAX;
  bool entries = false, bodies = false;
};

/// ok, or damaged when something that was stored cannot be served.
ExitCode verify_store(const StoreActionOptions& options);
ExitCode dump_store(const StoreActionOptions& options);
/// With dry_run: damaged when there is something to repair.
ExitCode repair_store(const StoreActionOptions& options);

}  // namespace tenon::cli
