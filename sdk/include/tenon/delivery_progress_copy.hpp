// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "tenon/capability.hpp"
#include "tenon/delivery_scheduler.hpp"

namespace tenon {

/// Takes over how far another broker has delivered the delayed messages of the same log: where a slave goes on when it
/// becomes the master. Offered by the delay plug-in. Threads: any; blocks on the disk. Errors: illegal_operation on a
/// master; io.
class TENON_EXPORT DeliveryProgressCopy : public Capability {
 public:
  static constexpr CapabilityId kId{"tenon.delivery-progress-copy", 1};

  virtual Status take_level_progress(const DelayLevelProgress& progress) = 0;
  virtual Status take_timer_progress(const TimerProgress& progress) = 0;
};

}  // namespace tenon
