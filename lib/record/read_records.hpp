// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <span>
#include <variant>

#include "record/record_view.hpp"
#include "tenon/message_store.hpp"

namespace tenon::record {

/// Calls `use` with each record of what was read as ReadForm::in_memory. One that does not decode ends its slice: the
/// store has checked it, so it was overwritten by nobody but a fault.
template <class Use>
void for_each_record(const ReadResult& read, const Use& use) {
  for (const Slice& slice : read.records) {
    std::span<const std::byte> bytes = std::get<MemorySlice>(slice).bytes;
    while (!bytes.empty()) {
      const auto view = RecordView::decode_if_whole(bytes);
      if (!view) break;
      use(*view);
      bytes = bytes.subspan(static_cast<std::size_t>(view->total_size()));
    }
  }
}

}  // namespace tenon::record
