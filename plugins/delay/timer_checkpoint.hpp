// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <filesystem>
#include <memory>

#include "positioned_file.hpp"
#include "tenon/delivery_scheduler.hpp"

namespace tenon::delay {

/// config/timercheck: how far the timers are. A file of 4096 bytes, of which 56 are used. Source: store-format.md 11.4.
class TimerCheckpoint {
 public:
  static constexpr std::int64_t kFileSize = 4096;

  explicit TimerCheckpoint(std::filesystem::path path) : path_(std::move(path)) {}

  /// Zeros when there is no file. Error: io.
  Result<TimerProgress> open();
  /// Written and synced. Error: io.
  Status write(const TimerProgress& progress);

 private:
  const std::filesystem::path path_;
  std::shared_ptr<PositionedFile> file_;
};

}  // namespace tenon::delay
