// SPDX-License-Identifier: Apache-2.0
#include "protocol-native/trace_fields.hpp"

#include "tenon/broker_identity.hpp"

namespace tenon::protocol_native {

TraceFields trace_fields_of(const BrokerIdentity* identity) {
  TraceFields fields;
  if (identity == nullptr) return fields;
  for (const auto& [name, value] : identity->settings()) {
    if (name == "regionId") fields.region = value;
    if (name == "traceOn") fields.trace_on = value == "true";
  }
  return fields;
}

}  // namespace tenon::protocol_native
