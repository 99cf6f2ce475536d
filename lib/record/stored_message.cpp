// SPDX-License-Identifier: Apache-2.0
#include "record/stored_message.hpp"

#include "record/record_view.hpp"

namespace tenon::record {

Result<StoredMessage> decoded(const Result<StoredRecord>& stored) {
  if (!stored) return stored.error();
  const auto view = RecordView::decode(stored->bytes);
  if (!view) return view.error();
  return StoredMessage{view->message(), view->queue_offset(), view->physical_offset(), view->store_timestamp_ms(),
                       stored->pin};
}

}  // namespace tenon::record
