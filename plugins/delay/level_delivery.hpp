// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <filesystem>
#include <memory>
#include <mutex>
#include <vector>

#include "flushed_progress.hpp"
#include "level_queue.hpp"
#include "tenon/delivery_scheduler.hpp"

namespace tenon::delay {

/// All delay levels, and their progress in config/delayOffset.json.
///
/// The file is written at most once per interval while messages are delivered, and only with deliveries that the store
/// has flushed: what a crash can cost is that the messages of the last interval are delivered again.
/// Threads: open(), start() and stop() from `ctl`; the rest from any.
class LevelDelivery : public std::enable_shared_from_this<LevelDelivery> {
 public:
  LevelDelivery(const DeliveryParts& parts, const DelayLevels& levels, std::filesystem::path file,
                std::int64_t write_interval_ms);

  /// Reads the file. Error: io, corrupt.
  Status open();
  void start();
  void appended(std::int32_t queue_id);
  /// Looks at every level, as if a message had come to each.
  void look();
  /// No delivery begins after this. Writes the file.
  void stop();

  /// As far as the deliveries are safe, replicas included.
  DelayLevelProgress progress() const;

 private:
  void progressed();
  void write_flushed();
  DelayLevelProgress present(PhysicalOffset& delivered_end) const;
  void write(DelayLevelProgress snapshot);

  DeliveryParts parts_;
  const DelayLevels& levels_;
  const std::filesystem::path file_;
  const std::int64_t write_interval_ms_;
  std::vector<std::shared_ptr<LevelQueue>> queues_;
  std::shared_ptr<Alarm> write_alarm_;
  std::atomic<bool> write_wanted_{false};
  std::mutex writing_;
  FlushedProgress<DelayLevelProgress> flushed_;  ///< writing_
  mutable ToldProgress<DelayLevelProgress> told_;
  mutable std::mutex mutex_;
  DelayLevelProgress loaded_;
};

}  // namespace tenon::delay
