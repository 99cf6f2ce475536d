// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

#include "record/record_view.hpp"
#include "tenon/error.hpp"
#include "tenon/message.hpp"

/// Light queues: a record gets further queue entries in the queues that its property INNER_MULTI_DISPATCH names, each
/// `%LMQ%...` with one queue, 0. INNER_MULTI_QUEUE_OFFSET says at which offsets, in the same order.
/// Source: ../shared/reference/store-format.md 3.6.
namespace tenon::logstore {

inline constexpr std::string_view kMultiQueueOffset = "INNER_MULTI_QUEUE_OFFSET";

bool is_light_queue(std::string_view topic) noexcept;

/// The light queues that a message is for, none for most. Error: message_illegal for a name that cannot be one.
Result<std::vector<std::string_view>> light_queues_of(const Message& message);

struct LightEntry {
  std::string_view name;
  std::int64_t offset = 0;
};
/// Where a stored record lies in light queues, as it says itself; what cannot be is left out.
std::vector<LightEntry> light_entries_of(const record::RecordView& record);

}  // namespace tenon::logstore
