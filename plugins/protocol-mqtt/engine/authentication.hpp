// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>

#include "mqtt/reason_code.hpp"

namespace tenon::protocol_mqtt {

/// One conversation of enhanced authentication: the client speaks, the server answers, until the server has a verdict.
/// What a method is to the engine; knows nothing of packets and connections. Source: MQTT 5.0 section 4.12.
/// Ownership: the link that carries it. Threads: the engine's.
class Authentication {
 public:
  struct Step {
    /// continue_authentication: the client goes on; success: it is `user_name`; else it is refused with this code.
    mqtt::ReasonCode code = mqtt::ReasonCode::not_authorized;
    std::string data;       ///< For the client.
    std::string user_name;  ///< With success.
  };

  virtual ~Authentication() = default;
  /// What the client says: the authentication data of CONNECT, then of each AUTH; empty where it has none.
  virtual Step next(std::string_view data) = 0;
};

}  // namespace tenon::protocol_mqtt
