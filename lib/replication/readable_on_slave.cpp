// SPDX-License-Identifier: Apache-2.0
#include "replication/readable_on_slave.hpp"

#include <algorithm>

namespace tenon::replication {

PhysicalOffset readable_on_slave(const SlaveSession& session, PhysicalOffset log_max, std::int32_t copies) {
  if (!session.let_in()) return {};
  if (copies <= 2 || session.protocol() == ReplicationProtocol::classic) return log_max;
  return std::min(session.master_confirmed(), log_max);
}

}  // namespace tenon::replication
