// SPDX-License-Identifier: Apache-2.0
#include "replication/readable_on_slave.hpp"

#include <algorithm>

namespace tenon::replication {

PhysicalOffset readable_on_slave(const SlaveSession& session, PhysicalOffset log_max, std::int32_t copies) {
  if (!session.let_in()) return {};
  if (session.protocol() == ReplicationProtocol::classic) return log_max;
  const PhysicalOffset end = copies <= 2 ? log_max : std::min(session.master_confirmed(), log_max);
  return end >= session.master_epoch_start() ? end : PhysicalOffset{};
}

}  // namespace tenon::replication
