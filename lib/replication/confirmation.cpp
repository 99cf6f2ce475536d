// SPDX-License-Identifier: Apache-2.0
#include "replication/confirmation.hpp"

#include <algorithm>
#include <functional>

namespace tenon::replication {
namespace {

/// What each slave has said last, if that counts. There are few, and it is asked for with every acknowledgement.
std::vector<ReplicaProgress> by_replica(const std::vector<ReplicaProgress>& progress) {
  std::vector<ReplicaProgress> newest;
  newest.reserve(progress.size());
  for (const ReplicaProgress& one : progress) {
    const auto known = std::ranges::find(newest, one.who, &ReplicaProgress::who);
    if (known == newest.end()) {
      newest.push_back(one);
    } else {
      *known = one;
    }
  }
  std::erase_if(newest, [](const ReplicaProgress& one) { return !one.counts; });
  return newest;
}

}  // namespace

PhysicalOffset confirmed_by(const std::vector<ReplicaProgress>& progress, std::int32_t slaves_wanted) {
  std::vector<ReplicaProgress> replicas = by_replica(progress);
  const auto wanted = static_cast<std::size_t>(slaves_wanted);
  if (wanted == 0 || replicas.size() < wanted) return {};
  std::ranges::nth_element(replicas, replicas.begin() + static_cast<std::ptrdiff_t>(wanted - 1), std::greater<>(),
                           &ReplicaProgress::acknowledged);
  return replicas[wanted - 1].acknowledged;
}

std::int32_t count_replicas(const std::vector<ReplicaProgress>& progress) {
  return static_cast<std::int32_t>(by_replica(progress).size());
}

}  // namespace tenon::replication
