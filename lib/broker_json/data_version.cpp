// SPDX-License-Identifier: Apache-2.0
#include "broker_json/data_version.hpp"

namespace tenon::broker_json {

void write_data_version(fastjson::Writer& json, const DataVersion& version) {
  json.begin_object()
      .member("counter", version.counter)
      .member("stateVersion", version.state_version)
      .member("timestamp", version.timestamp_ms)
      .end_object();
}

DataVersion read_data_version(const fastjson::Value& json) {
  return {json.i64_or("stateVersion", 0), json.i64_or("timestamp", 0), json.i64_or("counter", 0)};
}

DataVersion data_version_of(const fastjson::Value& owner) {
  const fastjson::Value* const found = owner.find("dataVersion");
  return found == nullptr ? DataVersion{} : read_data_version(*found);
}

}  // namespace tenon::broker_json
