// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "tenon/error.hpp"
#include "tenon/offsets.hpp"

namespace tenon::replication {

/// From `start` on, the log was written by the master of this epoch.
struct Epoch {
  std::int64_t number = 0;
  PhysicalOffset start;

  friend bool operator==(const Epoch&, const Epoch&) = default;
};

/// Which master wrote which part of a log: every broker that becomes master begins a new epoch at the end of its log.
/// Two logs agree up to the end of the newest epoch that both know with the same start.
///
/// Invariant: numbers and starts both rise. A log without a history is one of epoch 0 from its first byte on. Only the
/// newest kEpochsMax are kept, as RocketMQ sends no more (store-format.md 12.7). Threads: none of its own.
class EpochHistory {
 public:
  static constexpr std::size_t kEpochsMax = 1'000;

  const std::vector<Epoch>& entries() const noexcept { return entries_; }
  /// {0, 0} without entries.
  Epoch last() const noexcept { return entries_.empty() ? Epoch{} : entries_.back(); }
  /// The epoch that the byte at `offset` belongs to, and where it ends; no end for the last.
  Epoch at(PhysicalOffset offset) const noexcept;
  std::optional<PhysicalOffset> end_of_epoch_at(PhysicalOffset offset) const noexcept;

  /// Begins an epoch. An epoch without a byte gives its place to the new one. Error: invalid_parameter unless it is
  /// newer than the last and does not begin before it.
  Status begin(const Epoch& epoch);
  /// The log was cut back to `end`.
  void truncate(PhysicalOffset end);

  /// Up to where a log with this history and one with the other are the same, if each ends where it is said.
  PhysicalOffset agreement_with(const EpochHistory& other, PhysicalOffset own_end, PhysicalOffset other_end) const;

  /// RocketMQ's epochFileCheckpoint: the number of entries, the CRC of the entry lines (0: not said), then a line
  /// "epoch-start" each.
  std::string to_text() const;
  /// Empty text is an empty history. Error: corrupt.
  static Result<EpochHistory> from_text(std::string_view text);
  /// Error: corrupt unless both numbers and starts rise.
  static Result<EpochHistory> from_entries(std::vector<Epoch> entries);

 private:
  PhysicalOffset end_of(std::size_t index, PhysicalOffset log_end) const noexcept;

  std::vector<Epoch> entries_;
};

/// Keeps a history over restarts. Threads: one at a time.
class EpochKeeper {
 public:
  virtual ~EpochKeeper() = default;
  virtual const EpochHistory& history() const = 0;
  /// Durable when it returns. Error: io, and the history is as before.
  virtual Status replace(EpochHistory history) = 0;
};

}  // namespace tenon::replication
