// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "protocol-native/bodies/topic_config_body.hpp"
#include "tenon/route_registrar.hpp"

namespace tenon::protocol_native {

/// What the body of a REGISTER_BROKER says. remoting-protocol.md 3.4 and 1.13.
struct RegisterBrokerBody {
  DataVersion version;
  TopicList topics;
};

/// How to read one: both come from the request's header.
struct RegisterBodyForm {
  bool compressed = false;
  std::int32_t broker_version = 0;
};

/// Reads the JSON of brokers from 3.0.11 on, the bare topic table of older ones, or the compressed form. A missing body
/// is an empty table of version 0. Error: message_illegal.
Result<RegisterBrokerBody> read_register_broker_body(std::span<const std::byte> body, RegisterBodyForm form);

/// As a Java 5 broker writes it, which 4.9 name servers read, too.
std::string register_broker_body(const BrokerRegistration& registration);
std::vector<std::byte> compressed_register_broker_body(const BrokerRegistration& registration);

}  // namespace tenon::protocol_native
