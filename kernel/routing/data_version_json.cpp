// SPDX-License-Identifier: Apache-2.0
#include "routing/data_version_json.hpp"

namespace tenon::kernel {

void write_data_version(fastjson::Writer& json, const DataVersion& version) {
  json.key("dataVersion").begin_object();
  json.member("counter", version.counter).member("stateVersion", version.state_version);
  json.member("timestamp", version.timestamp_ms).end_object();
}

DataVersion read_data_version(const fastjson::Value& file) {
  DataVersion version;
  if (const fastjson::Value* found = file.find("dataVersion")) {
    version.counter = found->i64_or("counter", 0);
    version.state_version = found->i64_or("stateVersion", 0);
    version.timestamp_ms = found->i64_or("timestamp", 0);
  }
  return version;
}

void advance(DataVersion& version, std::int64_t now_ms) {
  ++version.counter;
  version.timestamp_ms = now_ms;
}

}  // namespace tenon::kernel
