// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <span>
#include <string_view>
#include <vector>

#include "client/message.hpp"
#include "tenon/batch_queues.hpp"

namespace tenon::client {

/// The messages in the body of a pull or view answer: concatenated commit-log records. `broker_name` completes their
/// queues. A batch that is one record (queue.type=BatchCQ) is taken apart. A record of a retry topic gets its original
/// topic back (property RETRY_TOPIC), as RocketMQ's clients do it. Error: corrupt, with the position of the first
/// record that cannot be read; nothing is delivered then.
Result<std::vector<MessageExt>> decode_messages(std::span<const std::byte> records, std::string_view broker_name);

/// Whether the message came in a batch that is one record: a pull gives all of them, whichever was asked for.
inline bool is_of_one_record(const MessageExt& message) noexcept {
  return (message.sys_flag & sys_flag::inner_batch) != 0;
}

}  // namespace tenon::client
