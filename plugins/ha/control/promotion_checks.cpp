// SPDX-License-Identifier: Apache-2.0
#include "ha/control/promotion_checks.hpp"

#include <algorithm>

#include "tenon/text.hpp"

namespace tenon::ha {
namespace {

PromotionCheck no_master_registered(const MasterAddresses& registered) {
  if (registered.broker.empty()) return {"no-master-registered", true, "the name servers know no master"};
  return {
      "no-master-registered", false,
      text("the name servers know a master at ", registered.broker, ": stop it first, or wait until they forget it")};
}

PromotionCheck no_connection(const MasterStatus& master) {
  if (!master.connected) return {"master-gone", true, text("no connection to ", master.address)};
  return {"master-gone", false, text("the master at ", master.address, " lives: this broker is connected to it")};
}

PromotionCheck nothing_missing(const MasterStatus& master) {
  if (master.lag_bytes == 0) return {"nothing-missing", true, "everything that the master was known to have is here"};
  return {"nothing-missing", false,
          text(master.lag_bytes, " bytes of the master's log are not here, up to physical offset ", master.log_max)};
}

}  // namespace

std::vector<PromotionCheck> promotion_checks(const ReplicationStatus& replication, const MasterAddresses& registered) {
  const MasterStatus master = replication.master.value_or(MasterStatus{});
  return {no_master_registered(registered), no_connection(master), nothing_missing(master)};
}

bool all_passed(const std::vector<PromotionCheck>& checks) noexcept {
  return std::ranges::all_of(checks, &PromotionCheck::passed);
}

}  // namespace tenon::ha
