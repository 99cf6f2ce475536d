// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <span>

#include "tenon/config.hpp"

namespace tenon::transaction {

/// The plug-in's configuration. Names in the comments are RocketMQ's keys; defaults are RocketMQ's too.
struct Settings {
  std::chrono::milliseconds check_interval{30'000};   ///< transactionCheckInterval
  std::chrono::milliseconds timeout{6'000};           ///< transactionTimeOut: age of the first check
  std::int32_t check_max = 15;                        ///< transactionCheckMax
  std::chrono::milliseconds age_max{72 * 3'600'000};  ///< fileReservedTime, as far as transactions go
  std::size_t op_message_bytes_max = 4096;            ///< transactionOpMsgMaxSize
  std::size_t tracked_max = 200'000;                  ///< Pending transactions remembered beyond their queue offset.
  bool reject = false;                                ///< rejectTransactionMessage
};

/// The keys of [plugins.transaction].
std::span<const ConfigKey> transaction_keys();
Settings read_settings(const ConfigSection& section);

}  // namespace tenon::transaction
