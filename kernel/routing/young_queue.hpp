// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string_view>

#include "tenon/message_store.hpp"

namespace tenon::kernel {

/// True for a queue whose message 0 is still there and near enough to the end of the log to lie in memory: a new group
/// starts at its beginning. "In memory" is RocketMQ's estimate: less than 40 % of the machine's memory behind the end.
/// Source: DefaultMessageStore.checkInMemByConsumeOffset; broker-semantics.md 4.3, 4.7. Threads: any.
bool is_young_queue(const MessageStore& store, std::string_view topic, std::int32_t queue_id,
                    std::int64_t memory_bytes);

/// Memory of the machine in bytes.
std::int64_t machine_memory_bytes();

}  // namespace tenon::kernel
