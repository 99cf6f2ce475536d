// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <map>
#include <mutex>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "tenon/topics.hpp"

namespace tenon::broker_json {

/// How many messages wait for each topic, as it stands in config/timermetrics and config/transactionMetrics. A count
/// for people: after a crash it may be off by what had happened since it was written. Bounded in topics. Source:
/// RocketMQ TimerMetrics.java, TransactionMetrics.java; store-format.md 9.3. Threads: any.
class TopicCounts {
 public:
  /// `member` names the table: "timingCount", "transactionCount".
  explicit TopicCounts(std::string_view member) : member_(member) {}

  /// A count does not fall below 0.
  void add(std::string_view topic, std::int64_t change, std::int64_t now_ms);
  /// By topic, in the order of names.
  std::vector<std::pair<std::string, std::int64_t>> counts() const;

  std::string encode() const;
  /// Error: message_illegal.
  Status decode(std::string_view text);

 private:
  struct Count {
    std::int64_t count = 0;
    std::int64_t timestamp_ms = 0;
  };
  const std::string member_;
  mutable std::mutex mutex_;
  std::map<std::string, Count, std::less<>> topics_;
  DataVersion version_;
};

}  // namespace tenon::broker_json
