// SPDX-License-Identifier: Apache-2.0
#include "replication/epoch_history.hpp"

#include <algorithm>
#include <charconv>

#include "record/crc32.hpp"

namespace tenon::replication {
namespace {

std::int32_t checksum(std::string_view lines) {
  return record::masked_crc32(std::as_bytes(std::span(lines.data(), lines.size())));
}

/// Takes a number and the character behind it off the front of `rest`.
std::optional<std::int64_t> take_number(std::string_view& rest, char until) {
  std::int64_t number = 0;
  const auto [end, error] = std::from_chars(rest.data(), rest.data() + rest.size(), number);
  if (error != std::errc{} || end == rest.data() + rest.size() || *end != until) return std::nullopt;
  rest.remove_prefix(static_cast<std::size_t>(end - rest.data()) + 1);
  return number;
}

Error damaged_history(std::string_view what) {
  return Error(Errc::corrupt, text("the epoch history is damaged: ", what));
}

}  // namespace

Epoch EpochHistory::at(PhysicalOffset offset) const noexcept {
  Epoch found;
  for (const Epoch& entry : entries_) {
    if (entry.start <= offset) found = entry;
  }
  return found;
}

std::optional<PhysicalOffset> EpochHistory::end_of_epoch_at(PhysicalOffset offset) const noexcept {
  const auto next = std::ranges::find_if(entries_, [offset](const Epoch& entry) { return entry.start > offset; });
  if (next == entries_.end()) return std::nullopt;
  return next->start;
}

Status EpochHistory::begin(const Epoch& epoch) {
  const Epoch newest = last();
  if (epoch.number <= newest.number || epoch.start < newest.start)
    return Error(Errc::invalid_parameter, text("epoch ", epoch.number, " at ", epoch.start, " does not follow epoch ",
                                               newest.number, " at ", newest.start));
  if (!entries_.empty() && newest.start == epoch.start) entries_.pop_back();
  if (entries_.size() == kEpochsMax) entries_.erase(entries_.begin());
  entries_.push_back(epoch);
  return {};
}

void EpochHistory::truncate(PhysicalOffset end) {
  while (!entries_.empty() && entries_.back().start >= end) entries_.pop_back();
}

PhysicalOffset EpochHistory::end_of(std::size_t index, PhysicalOffset log_end) const noexcept {
  return index + 1 < entries_.size() ? entries_[index + 1].start : log_end;
}

PhysicalOffset EpochHistory::agreement_with(const EpochHistory& other, PhysicalOffset own_end,
                                            PhysicalOffset other_end) const {
  for (std::size_t own = entries_.size(); own-- > 0;) {
    const auto same = std::ranges::find(other.entries_, entries_[own]);
    if (same == other.entries_.end()) continue;
    const auto index = static_cast<std::size_t>(same - other.entries_.begin());
    return std::min(end_of(own, own_end), other.end_of(index, other_end));
  }
  // Epoch 0, which both have.
  return std::min(entries_.empty() ? own_end : entries_.front().start,
                  other.entries_.empty() ? other_end : other.entries_.front().start);
}

std::string EpochHistory::to_text() const {
  std::string lines;
  for (const Epoch& entry : entries_) lines += text(entry.number, '-', entry.start, '\n');
  return text(entries_.size(), '\n', checksum(lines), '\n', lines);
}

Result<EpochHistory> EpochHistory::from_text(std::string_view text) {
  if (text.empty()) return EpochHistory();
  const auto count = take_number(text, '\n');
  const auto crc = take_number(text, '\n');
  if (!count || !crc) return damaged_history("its first two lines are no numbers");
  if (*count < 0 || *count > static_cast<std::int64_t>(kEpochsMax))
    return damaged_history("it claims too many entries");
  if (*crc != 0 && *crc != checksum(text)) return damaged_history("the checksum differs");
  std::vector<Epoch> entries;
  for (std::int64_t line = 0; line < *count; ++line) {
    const auto number = take_number(text, '-');
    const auto start = number ? take_number(text, '\n') : std::nullopt;
    if (!start) return damaged_history("a line is no epoch");
    entries.push_back({*number, {*start}});
  }
  if (!text.empty()) return damaged_history("it has more lines than it claims");
  return from_entries(std::move(entries));
}

Result<EpochHistory> EpochHistory::from_entries(std::vector<Epoch> entries) {
  EpochHistory history;
  for (std::size_t index = 0; index < entries.size(); ++index) {
    const Epoch before = index == 0 ? Epoch{0, {-1}} : entries[index - 1];
    if (entries[index].number <= before.number || entries[index].start <= before.start)
      return damaged_history("its entries do not rise");
  }
  history.entries_ = std::move(entries);
  return history;
}

}  // namespace tenon::replication
