// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>

#include "namesrv/route_state.hpp"

namespace tenon::namesrv {

/// What a registration may do beyond the usual; keys of the plug-in's table.
struct RegistrationPolicy {
  /// Topics that a complete registration no longer names leave the route.
  bool delete_topic_with_broker_registration = false;
};

/// Applies one REGISTER_BROKER to the tables. A refused one (see the sources) leaves them as they were.
/// Answers master and HA address for a slave; order_topic_config is left to the caller.
/// Error: internal for a partial registration of an unknown broker.
/// Source: broker-semantics.md 1.2; remoting-protocol.md 2c.
Result<RegistrationAnswer> apply_registration(RouteState& state, const RegistrationAtNameServer& incoming,
                                              const RegistrationPolicy& policy, std::int64_t now_ms);

}  // namespace tenon::namesrv
