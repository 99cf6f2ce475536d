// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <map>
#include <mutex>
#include <string>
#include <string_view>
#include <vector>

#include "tenon/delivery_scheduler.hpp"

namespace tenon::delay {

/// How many messages wait for each topic, kept in config/timermetrics. A count for people: after a crash it may be off
/// by what had happened since it was written. Source: RocketMQ TimerMetrics.java. Threads: any.
class TimerMetrics {
 public:
  void add(std::string_view topic, std::int64_t change, std::int64_t now_ms);
  std::vector<PendingDeliveries> pending() const;

  std::string encode() const;
  /// Error: message_illegal.
  Status decode(std::string_view text);

 private:
  struct Count {
    std::int64_t count = 0;
    std::int64_t timestamp_ms = 0;
  };
  mutable std::mutex mutex_;
  std::map<std::string, Count, std::less<>> topics_;
  DataVersion version_;
};

}  // namespace tenon::delay
