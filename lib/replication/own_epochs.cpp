// SPDX-License-Identifier: Apache-2.0
#include "replication/own_epochs.hpp"

#include <algorithm>

namespace tenon::replication {

Result<Epoch> begin_own_epoch(LogTap& log, EpochKeeper& epochs, std::int64_t number_min) {
  if (log.log_received() > log.log_max()) {
    if (const auto whole = log.truncate_log(log.log_max()); !whole) return whole.error();
  }
  EpochHistory history = epochs.history();
  const Epoch epoch{std::max(history.last().number + 1, number_min), log.log_max()};
  history.truncate(epoch.start);
  if (const Status begun = history.begin(epoch); !begun) return begun.error();
  if (const Status kept = epochs.replace(std::move(history)); !kept) return kept.error();
  return epoch;
}

Status forget_unused_epoch(const LogTap& log, EpochKeeper& epochs, EpochHistory before) {
  if (log.log_max() > epochs.history().last().start) return {};
  return epochs.replace(std::move(before));
}

Status forget_lost_epochs(const LogTap& log, EpochKeeper& epochs) {
  EpochHistory history = epochs.history();
  history.truncate(log.log_max() + 1);
  return epochs.replace(std::move(history));
}

}  // namespace tenon::replication
