// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "fastjson/value.hpp"
#include "fastjson/writer.hpp"
#include "tenon/topics.hpp"

namespace tenon::protocol_native {

/// `{"counter":1,"stateVersion":0,"timestamp":1700000000000}`; 4.9 writes no stateVersion. remoting-protocol.md 3.3.
void write_data_version(fastjson::Writer& json, const DataVersion& version);
/// Missing members are 0.
DataVersion read_data_version(const fastjson::Value& json);

}  // namespace tenon::protocol_native
