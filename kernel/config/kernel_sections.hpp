// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <span>
#include <string>
#include <vector>

#include "config/composition.hpp"
#include "tenon/log.hpp"

namespace tenon::kernel {

/// Keys of `[runtime]` and `[log]`. Literals.
std::span<const ConfigKey> runtime_config_keys();
std::span<const ConfigKey> log_config_keys();

/// The values of `[runtime]`.
struct RuntimeConfig {
  int net_threads = 0;       ///< 0: as fits the processors.
  std::string net_cpus;      ///< Not checked here. Empty: any.
  int catch_up_threads = 0;  ///< 0: as fits net_threads.
  int disk_threads = 2;
  std::chrono::microseconds idle_poll{};
  std::vector<std::string> plugin_path;
  std::chrono::milliseconds drain_timeout{};
  std::string ports_file;  ///< Empty: none is written.
};
RuntimeConfig read_runtime_config(const ConfigSection& section);
LogLevel read_log_level(const ConfigSection& section);

}  // namespace tenon::kernel
