// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <vector>

#include "logstore/queue_table.hpp"
#include "logstore/tags_code_table.hpp"
#include "record/record_view.hpp"

namespace tenon::logstore {

/// Gives a record of the log its queue entry, at the record's own queue offset; half messages, rollbacks and records
/// without a queue get none. Used where the log is not written by append(): recovery, bytes of another log.
/// Append lock held, or nothing else runs. `full` gets the queue when blocks of it wait to be spilled.
Status dispatch_record(QueueTable& queues, const TagsCodeTable& tags_codes, const record::RecordView& view,
                       std::vector<std::shared_ptr<ConsumeQueue>>& full);

}  // namespace tenon::logstore
