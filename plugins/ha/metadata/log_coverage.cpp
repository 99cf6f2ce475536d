// SPDX-License-Identifier: Apache-2.0
#include "ha/metadata/log_coverage.hpp"

#include <algorithm>

namespace tenon::ha {

CoveredLog coverage_up_to(PhysicalOffset end, const replication::EpochHistory& epochs) {
  return {end, epochs.at(end - 1).number};
}

PhysicalOffset still_covered(const CoveredLog& covered, const replication::EpochHistory& epochs,
                             PhysicalOffset log_end) {
  const auto& entries = epochs.entries();
  auto next = entries.begin();
  if (covered.epoch != 0) {
    next = std::ranges::find(entries, covered.epoch, &replication::Epoch::number);
    if (next == entries.end()) return {};
    ++next;
  }
  const PhysicalOffset end_of_epoch = next == entries.end() ? log_end : std::min(log_end, next->start);
  return std::min(covered.end, end_of_epoch);
}

}  // namespace tenon::ha
