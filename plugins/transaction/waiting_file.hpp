// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <filesystem>
#include <string>

#include "parts.hpp"

namespace tenon::transaction {

/// config/transactionMetrics: the counts of waiting half messages by topic, which RocketMQ keeps for people. Threads:
/// one at a time.
class WaitingFile {
 public:
  explicit WaitingFile(const Parts& parts) : parts_(parts) {}

  /// Reads the file. What cannot be decoded is said, and counting begins at 0.
  void open();
  /// Writes the file if the counts have changed and the last time was ten seconds ago.
  void save();
  void save_at_end() { write(); }

 private:
  void write();

  const Parts& parts_;
  std::filesystem::path path_;
  std::string written_;
  std::int64_t next_ms_ = 0;
};

}  // namespace tenon::transaction
