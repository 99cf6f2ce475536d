// SPDX-License-Identifier: Apache-2.0
#include "protocol-native/pop_answer.hpp"

#include <algorithm>
#include <cstddef>
#include <string>
#include <string_view>
#include <utility>

#include "protocol-native/errors.hpp"
#include "remoting/command_writer.hpp"
#include "tenon/text.hpp"

namespace tenon::protocol_native {
namespace {

using remoting::HeaderType;
using remoting::ResponseCode;

ResponseCode code_of(PopStatus status, PopForm form) {
  if (status == PopStatus::found) return ResponseCode::success;
  if (form == PopForm::peek) return ResponseCode::pull_not_found;
  return status == PopStatus::polling_full ? ResponseCode::polling_full : ResponseCode::polling_timeout;
}

/// The texts that say which offsets a client got are lists of words: `0 3 0;0 2 0;1 0 5,6`.
void add_entry(std::string& list, std::string_view entry) {
  if (!list.empty()) list.push_back(';');
  list.append(entry);
}

/// How an entry about a queue begins.
std::string words_of(const PoppedQueue& queue, std::string_view which) {
  return text(static_cast<std::int32_t>(queue.source), ' ', which, ' ');
}

std::string words_of(const PoppedQueue& queue) { return words_of(queue, std::to_string(queue.queue_id)); }

std::string start_offsets(const std::vector<PoppedQueue>& queues) {
  std::string list;
  for (const PoppedQueue& queue : queues) add_entry(list, words_of(queue) + queue.start_offset.to_string());
  return list;
}

std::string message_offsets(const std::vector<PoppedQueue>& queues) {
  std::string list;
  for (const PoppedQueue& queue : queues) {
    std::string entry = words_of(queue);
    for (std::size_t index = 0; index < queue.offsets.size(); ++index) {
      if (index > 0) entry.push_back(',');
      entry.append(queue.offsets[index].to_string());
    }
    add_entry(list, entry);
  }
  return list;
}

/// Clients look for the entry of a message first, then for that of its queue, which has the lowest count.
std::string attempt_counts(const std::vector<PoppedQueue>& queues) {
  std::string list;
  for (const PoppedQueue& queue : queues) {
    const std::size_t known = std::min(queue.attempts.size(), queue.offsets.size());
    std::int32_t lowest = known > 0 && known == queue.offsets.size() ? queue.attempts.front() : 0;
    for (std::size_t index = 0; index < known; ++index) {
      const std::int32_t count = queue.attempts[index];
      lowest = std::min(lowest, count);
      if (count == 0) continue;
      const std::string which = text("qo", queue.queue_id, '%', queue.offsets[index].value);
      add_entry(list, words_of(queue, which) + std::to_string(count));
    }
    add_entry(list, words_of(queue) + std::to_string(lowest));
  }
  return list;
}

std::size_t bytes_of(const std::vector<Slice>& records) {
  std::int64_t bytes = 0;
  for (const Slice& slice : records) bytes += length_of(slice);
  return static_cast<std::size_t>(bytes);
}

void append_records(Output& out, PopOutcome& outcome) {
  ReadResult read;
  read.records = std::move(outcome.records);
  read.pin = std::make_shared<const std::vector<std::shared_ptr<const void>>>(std::move(outcome.pins));
  out.append_records(std::move(read));
}

}  // namespace

void write_pop_answer(Output& out, std::int32_t opaque, PopForm form, Result<PopOutcome>&& outcome) {
  if (!outcome) {
    const Error& error = outcome.error();
    return remoting::write_response(out.bytes(), HeaderType::json, response_code_of(error.code()), opaque,
                                    error.message());
  }
  const bool found = outcome->status == PopStatus::found;
  const std::string_view remark = found ? "FOUND" : "NO_MESSAGE_IN_QUEUE";
  remoting::CommandWriter writer(
      out.bytes(), remoting::response_start(HeaderType::json, code_of(outcome->status, form), opaque, remark));
  writer.field("invisibleTime", outcome->invisible_time.count())
      .field("startOffsetInfo", start_offsets(outcome->queues))
      .field("restNum", outcome->rest)
      .field("popTime", outcome->pop_time_ms)
      .field("reviveQid", outcome->revive_queue_id)
      .field("msgOffsetInfo", message_offsets(outcome->queues));
  if (form == PopForm::ordered_pop) writer.field("orderCountInfo", attempt_counts(outcome->queues));
  if (!found) {
    writer.finish();
  } else if (writer.finish(bytes_of(outcome->records))) {
    append_records(out, *outcome);
  }
}

}  // namespace tenon::protocol_native
