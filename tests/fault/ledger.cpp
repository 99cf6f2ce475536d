// SPDX-License-Identifier: Apache-2.0
#include "ledger.hpp"

#include <algorithm>
#include <cstdio>
#include <optional>
#include <set>

#include "record/record_view.hpp"
#include "tenon/batch_queues.hpp"
#include "tenon/properties.hpp"

namespace tenon::fault {
namespace {

std::uint64_t mixed(const Stamp& stamp) {
  std::uint64_t x =
      (static_cast<std::uint64_t>(stamp.run) << 40) ^ (static_cast<std::uint64_t>(stamp.producer) << 32) ^ stamp.number;
  x = (x ^ (x >> 30)) * 0xBF58476D1CE4E5B9;
  x = (x ^ (x >> 27)) * 0x94D049BB133111EB;
  return x ^ (x >> 31);
}

bool read_stamp(std::string_view body, Stamp& stamp) {
  return std::sscanf(std::string(body.substr(0, 40)).c_str(), "%u.%u.%u.", &stamp.run, &stamp.producer,
                     &stamp.number) == 3;
}

/// The line of that number, from 0; empty when there is none.
std::optional<std::string_view> line_of(std::string_view text, std::int64_t number) {
  for (;; text.remove_prefix(text.find('\n') + 1)) {
    if (text.find('\n') == std::string_view::npos) return std::nullopt;
    if (number-- == 0) return text.substr(0, text.find('\n'));
  }
}

/// Empty if nothing was read, or a record that is not the one at `at`. The body of an inner batch is a line for each of
/// its messages.
std::optional<std::string_view> body_in(const ReadResult& read, std::int64_t at) {
  if (read.status != ReadStatus::found || read.records.empty()) return std::nullopt;
  const auto view = record::RecordView::decode(std::get<MemorySlice>(read.records[0]).bytes);
  if (!view) return std::nullopt;
  const std::string_view body(reinterpret_cast<const char*>(view->body().data()), view->body().size());
  const std::int64_t first = view->queue_offset().value;
  if (first < 0 || first > at) return std::nullopt;
  if ((view->sys_flag() & sys_flag::inner_batch) != 0) return line_of(body, at - first);
  return first == at ? std::optional(body) : std::nullopt;
}

}  // namespace

std::string body_of(const Stamp& stamp) {
  std::string body =
      std::to_string(stamp.run) + "." + std::to_string(stamp.producer) + "." + std::to_string(stamp.number) + ".";
  std::uint64_t state = mixed(stamp);
  // Mostly short, now and then over a page, so that records end anywhere in one.
  const std::size_t length = state % 16 == 0 ? state / 16 % 5000 : state / 16 % 300;
  for (std::size_t at = 0; at < length; ++at) {
    state = state * 6364136223846793005 + 1442695040888963407;
    body += static_cast<char>('a' + (state >> 60));
  }
  return body;
}

struct Ledger::Reading {
  Verdict verdict;
  std::set<Stamp> seen;
  std::map<std::pair<std::uint32_t, std::uint32_t>, std::int64_t> newest;
  void complain(std::int64_t& counter, std::string what) {
    if (counter++ == 0 && verdict.first.empty()) verdict.first = std::move(what);
  }
};

void Ledger::acknowledge(const Stamp& stamp, std::int64_t queue_offset) {
  const std::lock_guard lock(mutex_);
  acknowledged_[queue_of(stamp)].emplace(queue_offset, stamp);
}

void Ledger::sent(std::uint32_t run, std::uint32_t producer, std::uint32_t count) {
  const std::lock_guard lock(mutex_);
  sent_[{run, producer}] = count;
}

std::int64_t Ledger::acknowledged() const {
  const std::lock_guard lock(mutex_);
  std::size_t count = 0;
  for (const auto& queue : acknowledged_) count += queue.size();
  return static_cast<std::int64_t>(count);
}

void Ledger::start_over() {
  const std::lock_guard lock(mutex_);
  sent_.clear();
  for (auto& queue : acknowledged_) queue.clear();
}

/// No CRC is over them, and a power failure may leave part of them.
bool Ledger::has_its_properties(const ReadResult& read) const {
  const auto view = record::RecordView::decode(std::get<MemorySlice>(read.records[0]).bytes);
  if (!view || properties_.empty()) return view.has_value();
  std::string wanted = properties_;
  if ((view->sys_flag() & sys_flag::inner_batch) != 0) {
    append_property(wanted, property::inner_num, text(std::ranges::count(view->body(), std::byte{'\n'})));
    append_property(wanted, property::inner_base, text(view->queue_offset()));  // by the store
  }
  return view->properties().wire() == wanted;
}

void Ledger::judge(Reading& reading, std::int32_t queue, std::int64_t at, std::string_view body) const {
  const std::string where = text("queue ", queue, " offset ", at);
  ++reading.verdict.stored;
  Stamp stamp;
  if (!read_stamp(body, stamp)) return reading.complain(reading.verdict.invented, text(where, ": no body of ours"));
  if (body != body_of(stamp)) return reading.complain(reading.verdict.altered, text(where, ": altered"));
  const auto sent = sent_.find({stamp.run, stamp.producer});
  if (sent == sent_.end() || stamp.number >= sent->second || queue_of(stamp) != queue ||
      !reading.seen.insert(stamp).second)
    reading.complain(reading.verdict.invented, text(where, ": never sent, or served twice: ", body.substr(0, 30)));
  std::int64_t& newest = reading.newest.try_emplace({stamp.run, stamp.producer}, -1).first->second;
  if (stamp.number <= newest) reading.complain(reading.verdict.disordered, text(where, ": behind a later one"));
  newest = stamp.number;
  const auto wanted = acknowledged_[queue].find(at);
  if (wanted != acknowledged_[queue].end() && wanted->second != stamp)
    reading.complain(reading.verdict.lost, text(where, ": another message is at its place"));
}

Verdict Ledger::check(const logstore::LogStore& store) const {
  const std::lock_guard lock(mutex_);
  Reading reading;
  for (std::int32_t queue = 0; queue < kQueues; ++queue) {
    const QueueBounds bounds = store.bounds(kTopic, queue);
    reading.newest.clear();
    for (std::int64_t at = bounds.min.value; at < bounds.max.value; ++at) {
      const ReadResult read = store.read(
          {.topic = kTopic, .queue_id = queue, .offset = {at}, .max_messages = 1, .form = ReadForm::in_memory});
      if (const auto body = body_in(read, at)) {
        judge(reading, queue, at, *body);
        if (!has_its_properties(read))
          reading.complain(reading.verdict.altered, text("queue ", queue, " offset ", at, ": other properties"));
      } else {
        reading.complain(reading.verdict.unreadable,
                         text("queue ", queue, " offset ", at, ": status ", static_cast<int>(read.status)));
      }
    }
    for (const auto& [offset, stamp] : acknowledged_[queue]) {
      if (offset >= bounds.min.value && offset < bounds.max.value) continue;
      reading.complain(reading.verdict.lost, text("queue ", queue, " holds ", bounds.min.value, " to ",
                                                  bounds.max.value, ", acknowledged: ", offset));
    }
  }
  return reading.verdict;
}

}  // namespace tenon::fault
