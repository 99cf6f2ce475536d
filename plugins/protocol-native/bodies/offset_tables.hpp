// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <span>

#include "fastjson/writer.hpp"
#include "tenon/consumer_offsets.hpp"

namespace tenon::protocol_native {

/// The members `offsetTable` (`"topic@group":{queue:offset}`) and, if there are light groups among them,
/// `lmqOffsetTable` (`"topic@group":offset`). Source: RocketMQ ConsumerOffsetManager, LmqConsumerOffsetManager;
/// ../shared/reference/store-format.md 9.3.
void write_offset_tables(fastjson::Writer& json, std::span<const GroupOffsets> all);

}  // namespace tenon::protocol_native
