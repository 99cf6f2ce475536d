// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <filesystem>

#include "replication/epoch_history.hpp"

namespace tenon::ha {

/// The epoch history in a file, in the form of RocketMQ's epochFileCheckpoint. Threads: one at a time; replace() waits
/// for the disk.
class EpochFile final : public replication::EpochKeeper {
 public:
  explicit EpochFile(std::filesystem::path file) : file_(std::move(file)) {}

  /// Reads it; a file that is not there is an empty history. Errors: corrupt, io.
  Status load();
  const replication::EpochHistory& history() const override { return history_; }
  Status replace(replication::EpochHistory history) override;

 private:
  const std::filesystem::path file_;
  replication::EpochHistory history_;
};

}  // namespace tenon::ha
