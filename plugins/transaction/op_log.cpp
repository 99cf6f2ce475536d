// SPDX-License-Identifier: Apache-2.0
#include "op_log.hpp"

#include <algorithm>
#include <charconv>
#include <exception>
#include <span>

#include "names.hpp"
#include "tenon/properties.hpp"

namespace tenon::transaction {

void OpLog::add(QueueOffset half, Written written) {
  std::unique_lock lock(mutex_);
  waiting_.push_back({half, std::move(written)});
  write_all(std::move(lock));
}

void OpLog::add_later(QueueOffset half) {
  const std::scoped_lock lock(mutex_);
  waiting_.push_back({half, {}});
}

void OpLog::flush() {
  std::unique_lock lock(mutex_);
  write_all(std::move(lock));
}

// One thread writes; what others add meanwhile goes into its next record.
void OpLog::write_all(std::unique_lock<std::mutex> lock) {
  if (writing_) return;
  writing_ = true;
  while (!waiting_.empty()) {
    std::vector<Entry> batch = take_batch();
    lock.unlock();
    const Status written = write_safely(batch);
    for (Entry& entry : batch) {
      if (entry.written) std::exchange(entry.written, {})(written);
    }
    lock.lock();
    if (written) continue;
    for (auto entry = batch.rbegin(); entry != batch.rend(); ++entry) {
      if (entry->half != kNone) waiting_.push_front(std::move(*entry));
    }
    // Nobody is left waiting for an answer that the store does not give.
    std::deque<Written> unanswered;
    for (Entry& entry : waiting_) {
      if (entry.written) unanswered.push_back(std::exchange(entry.written, {}));
    }
    std::erase_if(waiting_, [](const Entry& entry) { return entry.half == kNone; });
    writing_ = false;
    lock.unlock();
    for (const Written& answer : unanswered) answer(written);
    return;
  }
  writing_ = false;
}

std::vector<OpLog::Entry> OpLog::take_batch() {
  std::vector<Entry> batch;
  std::size_t bytes = 0;
  while (!waiting_.empty()) {
    bytes += waiting_.front().half.to_string().size() + 1;
    if (!batch.empty() && bytes > message_bytes_max_) break;
    batch.push_back(std::move(waiting_.front()));
    waiting_.pop_front();
  }
  return batch;
}

// What was thrown here would leave everybody waiting for ever for the thread that writes.
Status OpLog::write_safely(const std::vector<Entry>& batch) {
  try {
    return write(batch);
  } catch (const std::exception& failure) {
    return Error(Errc::internal, text("writing the end of a transaction failed: ", failure.what()));
  }
}

Status OpLog::write(const std::vector<Entry>& batch) {
  std::string body;
  QueueOffset highest{-1};
  for (const Entry& entry : batch) {
    if (entry.half == kNone) continue;
    body += entry.half.to_string();
    body += ',';
    highest = std::max(highest, entry.half);
  }
  if (body.empty()) return {};
  std::string properties;
  append_property(properties, tenon::property::wait, "true");
  append_property(properties, tenon::property::tags, kRemoveTag);
  Message message;
  message.topic = kOpTopic;
  message.queue_id = kQueue;
  message.born_timestamp_ms = host_.now_ms();
  message.born_host = message.store_host = identity_->advertised_address();
  message.properties = properties;
  message.body = std::as_bytes(std::span(body));
  const Result<AppendReceipt> stored = delivery_->deliver(message, {});
  if (!stored) return stored.error();
  note(stored->queue_offset, highest);
  return {};
}

void OpLog::note(QueueOffset op, QueueOffset highest_half) {
  const std::scoped_lock lock(mutex_);
  const bool joins = !blocks_.empty() && op == blocks_.back().last + 1 && op - blocks_.back().first < kBlock;
  if (!joins) return blocks_.push_back({op, op, highest_half});
  blocks_.back().last = op;
  blocks_.back().highest_half = std::max(blocks_.back().highest_half, highest_half);
}

QueueOffset OpLog::progress(QueueOffset halves, QueueOffset floor) {
  const std::scoped_lock lock(mutex_);
  while (!blocks_.empty() && blocks_.front().highest_half < halves) {
    floor = std::max(floor, blocks_.front().last + 1);
    blocks_.pop_front();
  }
  return floor;
}

std::vector<QueueOffset> OpLog::parse(std::string_view body) {
  std::vector<QueueOffset> halves;
  while (!body.empty()) {
    const std::size_t comma = std::min(body.find(','), body.size());
    std::int64_t half = 0;
    const auto [end, error] = std::from_chars(body.data(), body.data() + comma, half);
    if (error == std::errc{} && end == body.data() + comma && half >= 0) halves.push_back({half});
    body.remove_prefix(std::min(comma + 1, body.size()));
  }
  return halves;
}

}  // namespace tenon::transaction
