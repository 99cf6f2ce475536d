// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>

#include "replication/slave_session.hpp"

namespace tenon::replication {

/// Up to where a slave's readers may see its log, so that no failover takes away what they saw, when what is
/// acknowledged is on `copies` brokers; 0: this session tells nothing of it yet. Never to be taken back but by a cut.
///
/// What came from the master since the two logs agreed is on two brokers. Where two are enough, it is safe; else the
/// master says what is. Not before the log has all that the master's epoch was begun on: until then a broker with
/// another end of the log could win an election against this one. A classic master promises nothing, and shows
/// everything to its own readers.
PhysicalOffset readable_on_slave(const SlaveSession& session, PhysicalOffset log_max, std::int32_t copies);

}  // namespace tenon::replication
