// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

namespace tenon {
class BrokerIdentity;
}

namespace tenon::protocol_native {

/// What answers to sends tell clients that trace. Constant once connections are taken in.
struct TraceFields {
  std::string region = "DefaultRegion";  ///< MSG_REGION: traces are gathered by it.
  bool trace_on = true;                  ///< TRACE_ON: false, and clients write no trace of the message.
};

/// As the broker is configured; the defaults where there is none (nullptr).
TraceFields trace_fields_of(const BrokerIdentity* identity);

}  // namespace tenon::protocol_native
