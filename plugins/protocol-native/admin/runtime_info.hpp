// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <map>
#include <string>

#include "protocol-native/services.hpp"

namespace tenon::protocol_native {

/// The table of GET_BROKER_RUNTIME_INFO: every key that clusterList, brokerStatus and the dashboard read. Keys about
/// thread pools and timers that this broker does not have are there with the values of an idle one, because tools fail
/// on a missing key. remoting-protocol.md 2d.7.
std::map<std::string, std::string> runtime_info(const BrokerServices& services);

/// "[ 1 days, 2 hours, 3 minutes, 4 seconds ]".
std::string running_time_text(std::int64_t milliseconds);

}  // namespace tenon::protocol_native
