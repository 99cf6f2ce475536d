// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <span>

#include "tenon/config.hpp"

namespace tenon::pop {

/// The plug-in's configuration. Names in the comments are RocketMQ's keys; defaults are RocketMQ's too.
struct Settings {
  std::size_t waiting_max = 100'000;        ///< maxPopPollingSize
  std::size_t waiting_of_queue_max = 1024;  ///< popPollingSize
  int retry_percent = 20;                   ///< popFromRetryProbability
};

/// The keys of [plugins.pop].
std::span<const ConfigKey> pop_keys();
Settings read_settings(const ConfigSection& section);

}  // namespace tenon::pop
