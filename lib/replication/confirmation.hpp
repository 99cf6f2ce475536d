// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

#include "tenon/offsets.hpp"

namespace tenon::replication {

/// How far one connection's slave has come.
struct ReplicaProgress {
  std::string_view who;  ///< The same for two connections of one slave, which count once.
  PhysicalOffset acknowledged;
  bool counts = true;  ///< Not where it is too far behind, say.
};

/// Up to where `slaves_wanted` different slaves have the log; 0 when there are fewer. `progress` has the oldest
/// connection first: of one slave's the newest says what it has, because it may have lost something since the one
/// before.
PhysicalOffset confirmed_by(const std::vector<ReplicaProgress>& progress, std::int32_t slaves_wanted);
/// How many different slaves are there.
std::int32_t count_replicas(const std::vector<ReplicaProgress>& progress);

}  // namespace tenon::replication
