// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "tenon/error.hpp"
#include "tenon/metadata_copy.hpp"
#include "tenon/topics.hpp"

namespace tenon::kernel {

/// Content of `config/topics.json`. Source: RocketMQ TopicConfigSerializeWrapper; store-format.md 9.3. `covered` is
/// ours: RocketMQ passes it over, and writes the file without it.
struct TopicsFile {
  std::optional<CoveredLog> covered;
  DataVersion version;
  std::vector<std::shared_ptr<const TopicConfig>> topics;
};

std::string encode_topics(const TopicsFile& file);
/// Unknown members are ignored, missing ones keep their defaults. Error: message_illegal.
Result<TopicsFile> decode_topics(std::string_view json);

}  // namespace tenon::kernel
