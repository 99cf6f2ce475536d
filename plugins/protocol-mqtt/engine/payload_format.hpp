// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string_view>

#include "mqtt/properties.hpp"
#include "mqtt/utf8.hpp"

namespace tenon::protocol_mqtt {

/// Whether the payload is what its Payload Format Indicator says. Source: MQTT 5.0 section 3.3.2.3.2.
inline bool keeps_payload_format(const mqtt::Properties& properties, std::string_view payload) noexcept {
  return properties.number_or(mqtt::PropertyId::payload_format_indicator, 0) == 0 || mqtt::is_valid_utf8(payload);
}

}  // namespace tenon::protocol_mqtt
