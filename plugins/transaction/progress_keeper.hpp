// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>

#include "parts.hpp"

namespace tenon::transaction {

/// Writes down in the consumer offsets how far everything has ended, as RocketMQ does; but only an end that is on the
/// disk and on the replicas. Else a power failure could take a committed message and leave the word that nobody need be
/// asked about it. Threads: one at a time.
class ProgressKeeper {
 public:
  explicit ProgressKeeper(const Parts& parts) : parts_(parts) {}

  /// Writes the newest state that is safe now: the present one, or the one that waits since an earlier call.
  void save();
  /// At the end of a process: waits for the disk, two seconds at most.
  void save_at_end();

 private:
  struct Progress {
    QueueOffset halves;
    QueueOffset ops;
    PhysicalOffset log_end;  ///< Everything that it counts lies below.
  };
  Progress now();
  bool is_safe(const Progress& progress) const;
  void write(const Progress& progress) const;

  const Parts& parts_;
  std::optional<Progress> held_;
  QueueOffset ops_;
};

}  // namespace tenon::transaction
