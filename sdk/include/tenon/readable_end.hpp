// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <functional>

#include "tenon/capability.hpp"
#include "tenon/message_store.hpp"
#include "tenon/offsets.hpp"

namespace tenon {

/// Keeps consumers from messages that a failover could still take away. Offered by a store beside its MessageStore;
/// moved by whoever replicates it. A store that offers it shows in its MessageStore only what lies below:
///
/// read(), bounds(), store_time_at(), offset_at_time() and query_by_key() see each queue as far as its records end at
/// or below readable_end(), as if it ended there. An offset between that end and the real one is no mistake of the
/// reader, who may have been told of it before a restart: read() answers offset_overflow_one and sends nobody back.
/// record_at(), message_at(), status() and appends know nothing of it.
///
/// The end survives a restart, after a crash maybe as an earlier one; a cut of the log below it moves it there.
/// Threads: any, but for on_moved(). Costs one atomic read per call of MessageStore while nothing is bounded.
class TENON_EXPORT ReadableEnd : public Capability {
 public:
  static constexpr CapabilityId kId{"tenon.readable-end", 1};
  static constexpr PhysicalOffset kUnbounded{INT64_MAX};

  virtual PhysicalOffset readable_end() const noexcept = 0;
  /// From one thread at a time. kUnbounded: everything is shown, from now on and after a restart. An end beyond that of
  /// the log holds for what is appended later. Calls `moved`. Waits for the disk when nothing was bounded before, so
  /// that a crash does not forget it. Error: io; then it is bounded, but a crash may forget that.
  virtual Status set_readable_end(PhysicalOffset end) = 0;
  /// `moved` is called after each move, on the thread that moved the end; it must not block. To be set once, before
  /// anybody reads or moves.
  virtual void on_moved(std::function<void(PhysicalOffset end)> moved) = 0;

  /// The same store without the bound, for the broker's own engines: what they append because of what they have read
  /// lies later in the log, so nobody sees it unless what it came from is there to stay. Lives as long as the store.
  virtual MessageStore& whole_log() noexcept = 0;
};

}  // namespace tenon
