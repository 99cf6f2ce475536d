// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <filesystem>
#include <mutex>

#include "replication/epoch_history.hpp"

namespace tenon::ha {

/// The epoch history in a file, in the form of RocketMQ's epochFileCheckpoint. Threads: one at a time, but snapshot()
/// from any; replace() waits for the disk.
class EpochFile final : public replication::EpochKeeper {
 public:
  explicit EpochFile(std::filesystem::path file) : file_(std::move(file)) {}

  /// Reads it; a file that is not there is an empty history. Errors: corrupt, io.
  Status load();
  const replication::EpochHistory& history() const override { return history_; }
  Status replace(replication::EpochHistory history) override;
  /// The history as it is now; waits for nothing.
  replication::EpochHistory snapshot() const;

 private:
  void set(replication::EpochHistory history);

  const std::filesystem::path file_;
  mutable std::mutex mutex_;  ///< Held by who changes history_, and by snapshot().
  replication::EpochHistory history_;
};

}  // namespace tenon::ha
