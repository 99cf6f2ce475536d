// SPDX-License-Identifier: Apache-2.0
#include "replication/confirmation.hpp"

#include <algorithm>
#include <map>

namespace tenon::replication {
namespace {

/// The best that each slave has said.
std::map<std::string, PhysicalOffset> by_replica(const std::vector<ReplicaProgress>& progress) {
  std::map<std::string, PhysicalOffset> best;
  for (const ReplicaProgress& one : progress) {
    PhysicalOffset& end = best[one.who];
    end = std::max(end, one.acknowledged);
  }
  return best;
}

}  // namespace

PhysicalOffset confirmed_by(const std::vector<ReplicaProgress>& progress, std::int32_t slaves_wanted) {
  std::vector<PhysicalOffset> ends;
  for (const auto& [who, end] : by_replica(progress)) ends.push_back(end);
  const auto wanted = static_cast<std::size_t>(slaves_wanted);
  if (wanted == 0 || ends.size() < wanted) return {};
  std::ranges::nth_element(ends, ends.begin() + static_cast<std::ptrdiff_t>(wanted - 1), std::greater<>());
  return ends[wanted - 1];
}

std::int32_t count_replicas(const std::vector<ReplicaProgress>& progress) {
  return static_cast<std::int32_t>(by_replica(progress).size());
}

}  // namespace tenon::replication
