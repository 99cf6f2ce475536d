// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "tenon/consumer_offsets.hpp"
#include "tenon/error.hpp"
#include "tenon/topics.hpp"

namespace tenon::kernel {

/// Content of `config/consumerOffset.json` or `config/lmqConsumerOffset.json`. Source: RocketMQ ConsumerOffsetManager,
/// LmqConsumerOffsetManager; store-format.md 9.3.
struct OffsetsFile {
  DataVersion version;
  std::vector<GroupOffsets> entries;
};

/// The derived `groupTopicMap` of 5.x is not written: Java brokers ignore it on reading.
std::string encode_offsets(const OffsetsFile& file);
/// Those of light groups in a table of their own, without queues: a light queue is the only one of its topic. One that
/// has also consumed other queues stays in the usual table, which can hold them.
std::string encode_light_offsets(const OffsetsFile& file);
/// Of either file; broker_json/offset_key.hpp says how an entry is named. Error: message_illegal.
Result<OffsetsFile> decode_offsets(std::string_view json);

}  // namespace tenon::kernel
