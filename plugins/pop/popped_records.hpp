// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <memory>
#include <optional>
#include <string_view>
#include <vector>

#include "receipt.hpp"
#include "record/record_view.hpp"
#include "tenon/message_store.hpp"

namespace tenon::pop {

/// The queue offset of each record.
std::vector<QueueOffset> offsets_in(const ReadResult& read);

/// Copies of the records as their consumer knows them: under the topic that they came from, each with its receipt,
/// where that still fits into a record. `receipt`: but for the offset.
std::shared_ptr<const std::vector<std::byte>> with_origin(const ReadResult& read, std::string_view topic,
                                                          Receipt receipt);

/// The message at this very offset of a queue, with what keeps it alive. Empty if it is no more.
struct ReadMessage {
  record::RecordView record;
  ReadResult read;
};
std::optional<ReadMessage> message_at(const MessageStore& store, std::string_view topic, std::int32_t queue_id,
                                      QueueOffset offset);

}  // namespace tenon::pop
