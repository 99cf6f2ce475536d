// SPDX-License-Identifier: Apache-2.0
// Short names for what nearly every test of MQTT says.
#pragma once

#include "mqtt/codec.hpp"

namespace tenon::protocol_mqtt {

inline constexpr auto kV4 = mqtt::ProtocolVersion::v3_1_1;
inline constexpr auto kV5 = mqtt::ProtocolVersion::v5;

}  // namespace tenon::protocol_mqtt
