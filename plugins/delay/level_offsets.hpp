// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>

#include "tenon/delivery_scheduler.hpp"

namespace tenon::delay {

/// delayOffset.json: `{"dataVersion":{...},"offsetTable":{1:100,2:7}}`, by level from 1. Source: store-format.md 9.3.
std::string encode_level_offsets(const DelayLevelProgress& progress);
/// Error: message_illegal.
Result<DelayLevelProgress> decode_level_offsets(std::string_view text);

}  // namespace tenon::delay
