// SPDX-License-Identifier: Apache-2.0
#include "ha/control/promotion_checks.hpp"

#include <algorithm>

#include "tenon/text.hpp"

namespace tenon::ha {
namespace {

PromotionCheck no_master_registered(const MasterAddresses& registered) {
  if (!registered.heard) return {"no-master-registered", false, "no name server answers: they may know a master"};
  if (registered.broker.empty()) return {"no-master-registered", true, "the name servers know no master"};
  return {
      "no-master-registered", false,
      text("some seconds ago the name servers knew a master at ", registered.broker,
           ": stop it first, or wait until they forget it (5 s after its process has ended, half a minute after its "
           "machine has vanished)")};
}

PromotionCheck no_connection(const MasterStatus& master) {
  if (!master.connected) return {"master-gone", true, text("no connection to ", master.address)};
  return {"master-gone", false, text("the master at ", master.address, " lives: this broker is connected to it")};
}

/// Under synchronous replication only what is confirmed was acknowledged. The own setting is taken for the master's.
PromotionCheck nothing_missing(const ReplicationStatus& own, const MasterStatus& master) {
  if (!master.heard) {
    return {"nothing-missing", false,
            "this broker has not heard the master since it was started: how much of its log is missing is not known"};
  }
  if (master.lag_bytes == 0) return {"nothing-missing", true, "everything that the master was known to have is here"};
  const bool only_confirmed = own.mode == "sync" && master.confirmed.value > 0;
  const bool acknowledged_is_here = only_confirmed && own.log_max >= master.confirmed;
  return {"nothing-missing", acknowledged_is_here,
          text(master.lag_bytes, " bytes of the master's log are not here, up to physical offset ", master.log_max,
               acknowledged_is_here ? ": sends that were not acknowledged" : "")};
}

}  // namespace

std::vector<PromotionCheck> promotion_checks(const ReplicationStatus& replication, const MasterAddresses& registered) {
  const MasterStatus master = replication.master.value_or(MasterStatus{});
  return {no_master_registered(registered), no_connection(master), nothing_missing(replication, master)};
}

bool all_passed(const std::vector<PromotionCheck>& checks) noexcept {
  return std::ranges::all_of(checks, &PromotionCheck::passed);
}

}  // namespace tenon::ha
