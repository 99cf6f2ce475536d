// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "fastjson/value.hpp"
#include "fastjson/writer.hpp"
#include "tenon/topics.hpp"

namespace tenon::broker_json {

/// `{"counter":1,"stateVersion":0,"timestamp":1700000000000}`; 4.9 writes no stateVersion.
/// Source: ../shared/reference/remoting-protocol.md 3.3.
void write_data_version(fastjson::Writer& json, const DataVersion& version);
/// Missing members are 0.
DataVersion read_data_version(const fastjson::Value& json);
/// That of the member `dataVersion` of a file or body; all 0 if there is none.
DataVersion data_version_of(const fastjson::Value& owner);

}  // namespace tenon::broker_json
