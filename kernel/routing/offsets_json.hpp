// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "tenon/error.hpp"
#include "tenon/offsets.hpp"
#include "tenon/topics.hpp"

namespace tenon::kernel {

/// Content of `config/consumerOffset.json`. Source: RocketMQ ConsumerOffsetManager; store-format.md 9.3.
struct OffsetsFile {
  struct Entry {
    std::string group, topic;
    std::map<std::int32_t, QueueOffset> offsets;
  };
  DataVersion version;
  std::vector<Entry> entries;
};

/// The derived `groupTopicMap` of 5.x is not written: Java brokers ignore it on reading.
std::string encode_offsets(const OffsetsFile& file);
/// Error: message_illegal. A key that is not `topic@group` is an entry of a topic or group with '@' in its name
/// (`topic@group@broadcast`): the first '@' separates.
Result<OffsetsFile> decode_offsets(std::string_view json);

}  // namespace tenon::kernel
