// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "tenon/capability.hpp"
#include "tenon/error.hpp"

namespace tenon {

/// Lets a thread that serves many appends at once hand them to the operating system together: one system call per turn
/// of an I/O loop instead of one per message. Offered by stores for which that makes a difference. A caller that
/// does not use it appends as always, and every append is handed over before it returns.
///
/// Gathered appends are visible to readers (a read hands them over first), but would be lost with the process: a
/// message may be acknowledged only after write_out() has succeeded. Threads: any; gathering concerns the calling
/// thread alone. Neither member waits for the disk.
class TENON_EXPORT AppendGathering : public Capability {
 public:
  static constexpr CapabilityId kId{"tenon.append-gathering", 1};

  /// From now on until this thread's next write_out(), its appends may be gathered. Calling it twice changes nothing.
  virtual void gather() noexcept = 0;
  /// Hands over everything that was appended so far and ends the gathering. Costs two loads of memory when there is
  /// nothing to hand over.
  /// Error: io; then nothing gathered since may be acknowledged, and the store accepts no more appends.
  virtual Status write_out() = 0;
};

}  // namespace tenon
