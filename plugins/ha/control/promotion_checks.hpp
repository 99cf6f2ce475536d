// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <vector>

#include "tenon/broker_role.hpp"
#include "tenon/replication.hpp"

namespace tenon::ha {

/// One question that is asked before a slave becomes the master by an operator's word.
struct PromotionCheck {
  std::string name;  ///< Stable, for scripts.
  bool passed = false;
  std::string meaning;  ///< For people: what was found.
};

/// Whether this slave may become the master without a second master and without the loss of anything that it knows of.
/// What it cannot know is how far other slaves are: the operator compares them.
std::vector<PromotionCheck> promotion_checks(const ReplicationStatus& replication, const MasterAddresses& registered);
bool all_passed(const std::vector<PromotionCheck>& checks) noexcept;

}  // namespace tenon::ha
