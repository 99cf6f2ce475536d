// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "protocol-native/answer.hpp"
#include "protocol-native/services.hpp"

namespace tenon::protocol_native {

/// Answers a change of topics that came to `done`: at once, or when enough slaves have taken it over, where replication
/// waits for them (TableGate). Also a change that changed nothing: the one before it may be on its way still.
inline void answer_topic_change(const BrokerServices& services, const DeferredAnswer& answer, const Status& done) {
  if (!done || services.table_gate == nullptr) return answer.status(done);
  services.table_gate->wait_for({.topics = services.topics->version().counter},
                                [answer](const Status& copied) { answer.status(copied); });
}

/// The same for consumer groups.
inline void answer_group_change(const BrokerServices& services, const DeferredAnswer& answer) {
  if (services.table_gate == nullptr) return answer.success();
  services.table_gate->wait_for({.groups = services.groups->version().counter},
                                [answer](const Status& copied) { answer.status(copied); });
}

}  // namespace tenon::protocol_native
