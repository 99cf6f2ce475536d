// SPDX-License-Identifier: Apache-2.0
#include "recovery.hpp"

#include <algorithm>

#include "names.hpp"
#include "topic_reader.hpp"

namespace tenon::transaction {
namespace {

constexpr std::int64_t kReportEvery = 100'000;

std::string_view as_text(std::span<const std::byte> bytes) {
  return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

/// Where the group stands, moved into what there is.
QueueOffset saved_offset(const Parts& parts, std::string_view topic) {
  const QueueBounds bounds = parts.store->bounds(topic, kQueue);
  const auto saved = parts.offsets->find(kGroup, topic, kQueue);
  return std::clamp(saved.value_or(bounds.min), bounds.min, bounds.max);
}

/// Source: broker-semantics.md 9.3. Only records with the tag "d" count, and only half messages that there are: a
/// number beyond `half_end` would cost the memory of all bits before it, and the message that gets it one day.
void read_ops(const Parts& parts, QueueOffset from, QueueOffset half_end) {
  const QueueOffset end = parts.store->bounds(kOpTopic, kQueue).max;
  TopicReader reader(*parts.store, kOpTopic);
  while (const auto stored = reader.read(from, end)) {
    QueueOffset highest{-1};
    if (PropertiesView(stored->message.properties).find(tenon::property::tags) == kRemoveTag) {
      for (const QueueOffset half : OpLog::parse(as_text(stored->message.body))) {
        if (half >= half_end) continue;
        parts.ledger->recover_ended(half);
        highest = std::max(highest, half);
      }
    }
    parts.ops->note(stored->queue_offset, highest);
    from = stored->queue_offset + 1;
  }
}

void read_halves(const Parts& parts, QueueOffset end) {
  TopicReader reader(*parts.store, kHalfTopic);
  QueueOffset from = parts.ledger->cursor();
  for (std::int64_t count = 0; from < end; ++count) {
    auto stored = reader.read(from, end);
    if (!stored) return;
    from = stored->queue_offset + 1;
    if (!parts.ledger->is_pending(stored->queue_offset)) continue;
    const HalfMessage half = half_message_of(std::move(*stored), parts.settings->timeout);
    if (half.renewed) {
      for (const QueueOffset earlier : parts.ledger->recover_renewed(half.stored.queue_offset, half.first)) {
        parts.ops->add_later(earlier);
      }
    }
    if (count % kReportEvery == kReportEvery - 1) {
      parts.host->report_progress(text("reading half messages: ", from, " of ", end));
    }
  }
}

}  // namespace

void recover(const Parts& parts, HalfActions& actions) {
  actions.set_recovered_end(parts.store->status().max_physical_offset);
  parts.ledger->reset(saved_offset(parts, kHalfTopic));
  const QueueOffset end = parts.store->bounds(kHalfTopic, kQueue).max;
  read_ops(parts, saved_offset(parts, kOpTopic), end);
  read_halves(parts, end);
  parts.ops->flush();
  if (const auto pending = parts.ledger->pending_count(end); pending > 0) {
    parts.host->log().info(pending, " transactions are pending, the oldest at ", parts.ledger->progress(end), " of ",
                           kHalfTopic);
  }
}

}  // namespace tenon::transaction
