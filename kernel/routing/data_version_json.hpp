// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "fastjson/value.hpp"
#include "fastjson/writer.hpp"
#include "tenon/topics.hpp"

namespace tenon::kernel {

/// `"dataVersion":{"counter":n,"stateVersion":n,"timestamp":ms}`, as all config files have it.
void write_data_version(fastjson::Writer& json, const DataVersion& version);
DataVersion read_data_version(const fastjson::Value& file);
/// A change: one more, now.
void advance(DataVersion& version, std::int64_t now_ms);

}  // namespace tenon::kernel
