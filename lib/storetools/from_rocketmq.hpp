// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "tenon/error.hpp"

namespace tenon::storetools {

struct MoveRequest {
  std::string_view broker_conf;  ///< Content of the Java broker's properties file.
  std::string home;              ///< Whose `store` the broker uses when the file names no storePathRootDir.
  std::string store_type = "store-mmap";
  std::vector<std::string> plugins;  ///< Names of the plug-ins that are there; tables of others are not written.
};

/// What a Java broker's configuration becomes.
struct MovedConfig {
  std::string toml;  ///< A configuration that serves the broker's store where it lies.
  /// Keys of the file that nothing here stands for, each with a sentence why or what to do.
  std::vector<std::string> without_counterpart;
};

/// Keys and their meaning: ../shared/reference/store-format.md 13. Error: invalid_parameter for a value that is none,
/// and for a store that cannot be served (storeType, several commit-log directories).
Result<MovedConfig> from_rocketmq(const MoveRequest& request);

}  // namespace tenon::storetools
