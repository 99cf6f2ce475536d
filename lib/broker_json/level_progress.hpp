// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "fastjson/value.hpp"
#include "fastjson/writer.hpp"
#include "tenon/delivery_scheduler.hpp"

namespace tenon::broker_json {

/// delayOffset.json: `{"dataVersion":{...},"offsetTable":{1:100,2:7}}`, by level from 1.
/// Source: ../shared/reference/store-format.md 9.3.
void write_level_progress(fastjson::Writer& json, const DelayLevelProgress& progress);
/// Levels that there cannot be are left out. Error: message_illegal, without `offsetTable`.
Result<DelayLevelProgress> read_level_progress(const fastjson::Value& json);

}  // namespace tenon::broker_json
