// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "half_actions.hpp"

namespace tenon::transaction {

/// Finds out what is pending from what lies in the store: the half messages from the offset of CID_RMQ_SYS_TRANS on,
/// without those that op records name, without those that were stored again. A store that a RocketMQ broker has left
/// behind looks the same. Called before anything else uses the ledger; reads each pending half message once.
void recover(const Parts& parts, HalfActions& actions);

}  // namespace tenon::transaction
