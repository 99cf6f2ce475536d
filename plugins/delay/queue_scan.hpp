// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string_view>
#include <vector>

#include "tenon/message_store.hpp"

namespace tenon::delay {

/// What a look at the index of one queue found, from an offset on. Some hundred entries at most.
struct QueueScan {
  std::vector<IndexEntry> entries;  ///< Without records: nothing of the commit log was touched.
  std::int64_t next_offset = 0;     ///< Where to look next; equal to the offset asked for when there is nothing yet.
};

/// Reads index entries only: the time of delivery stands there, so what is not due costs no look at its record.
QueueScan scan_queue(const MessageStore& store, std::string_view topic, std::int32_t queue_id, std::int64_t offset);

}  // namespace tenon::delay
