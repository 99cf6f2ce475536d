// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>

#include "tenon/delivery_scheduler.hpp"

namespace tenon::delay {

/// The text of delayOffset.json, as broker_json::write_level_progress().
std::string encode_level_offsets(const DelayLevelProgress& progress);
/// Error: message_illegal.
Result<DelayLevelProgress> decode_level_offsets(std::string_view text);

}  // namespace tenon::delay
