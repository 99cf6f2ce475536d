// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <span>
#include <vector>

#include "logstore/index_file.hpp"
#include "tenon/message.hpp"

namespace tenon::logstore {

/// The keys of all records in one stretch of the log, on their way from the appends to the key index, which so need not
/// read those records again. Bounded: what does not go on where the stretch ends, or is too much, is left out, and the
/// index reads it from the log. Threads: one at a time.
class KeyStretch {
 public:
  using Key = IndexFile::Key;
  /// Of some twenty mebibytes of log, ten times what is appended between two looks of the index: one that falls further
  /// behind has to read the records, which costs more, so on a busy machine it would stay behind.
  static constexpr std::size_t kKeysMax = 128 * 1024;

  KeyStretch() { keys_.reserve(kKeysMax); }

  PhysicalOffset begin() const noexcept { return begin_; }
  PhysicalOffset end() const noexcept { return end_; }  ///< begin() when there is nothing.
  std::vector<Key>& keys() noexcept { return keys_; }
  void clear() noexcept {
    keys_.clear();
    begin_ = end_ = {};
  }

  /// What was just appended. Offsets of `keys` count from there; their times are those of the append.
  void add(const AppendReceipt& appended, std::span<const Key> keys) {
    if (begin_ == end_) begin_ = end_ = appended.physical_offset;
    if (end_ != appended.physical_offset || keys.size() > kKeysMax - keys_.size()) return;
    for (const PhysicalOffset begin = end_; const Key& key : keys)
      keys_.push_back({key.hash, begin + key.physical_offset.value, appended.store_timestamp_ms});
    end_ = appended.physical_end;
  }

 private:
  PhysicalOffset begin_, end_;
  std::vector<Key> keys_;
};

}  // namespace tenon::logstore
