// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>

#include "tenon/message_store.hpp"

namespace tenon::transaction {

/// Reads queue 0 of one of the transaction topics forwards, a run of records at a time. Skips what retention has
/// deleted and what cannot be read. Threads: one at a time; may wait for the disk.
class TopicReader {
 public:
  TopicReader(const MessageStore& store, std::string_view topic, std::int32_t run_max = 32)
      : store_(store), topic_(topic), run_max_(run_max) {}

  /// The first message at or above `offset` and below `end`; empty if there is none.
  std::optional<StoredMessage> read(QueueOffset offset, QueueOffset end);

 private:
  std::optional<StoredMessage> next_of_run(QueueOffset offset);
  /// False when there is nothing more.
  bool fetch(QueueOffset offset);

  const MessageStore& store_;
  const std::string_view topic_;
  const std::int32_t run_max_;  ///< Messages.
  ReadResult run_;
  std::size_t slice_ = 0;
  std::size_t position_ = 0;  ///< In the slice.
  QueueOffset next_{-1};      ///< Of the record at that position, at least; -1: no run yet.
};

/// Whether the queue of `topic` holds this very record. A physical offset that a client names may point at a record
/// that a producer has made up and written into the body of a message.
bool lies_in_queue(const MessageStore& store, std::string_view topic, const StoredMessage& stored);

}  // namespace tenon::transaction
