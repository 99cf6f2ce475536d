// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <span>
#include <string_view>
#include <vector>

#include "client/message.hpp"

namespace tenon::client {

/// The messages in the body of a pull or view answer: concatenated commit-log records. `broker_name` completes their
/// queues. A batch that is one record (queue.type=BatchCQ) is taken apart. A record of a retry topic gets its original
/// topic back (property RETRY_TOPIC), as RocketMQ's clients do it. Error: corrupt, with the position of the first
/// record that cannot be read; nothing is delivered then.
Result<std::vector<MessageExt>> decode_messages(std::span<const std::byte> records, std::string_view broker_name);

}  // namespace tenon::client
