// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <deque>
#include <string>
#include <utility>

#include "tenon/offsets.hpp"

namespace tenon::replication {

/// Classic slaves that were refused because they claimed more log than the master had: theirs is not the master's. Such
/// a slave comes again and again with the same offset until the master's log has grown beyond it, and RocketMQ's master
/// then sends it the middle of some record. Here it stays refused until it was emptied. Keeps the newest kClaimsMax.
/// Threads: one at a time.
class ClaimsAhead {
 public:
  static constexpr std::size_t kClaimsMax = 64;

  /// `who`: the same for all connections from one place.
  void add(std::string who, PhysicalOffset end);
  /// Whether a slave may come with a log that ends at `end`. One that comes with nothing is forgiven.
  bool admits(const std::string& who, PhysicalOffset end);
  void clear() { claims_.clear(); }

 private:
  std::deque<std::pair<std::string, PhysicalOffset>> claims_;  ///< The newest last.
};

}  // namespace tenon::replication
