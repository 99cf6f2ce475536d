// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "half_message.hpp"
#include "parts.hpp"

namespace tenon::transaction {

/// What is done with one half message. None of these touches the ledger. Threads: any.
class HalfActions {
 public:
  explicit HalfActions(const Parts& parts) : parts_(parts) {}

  /// Half messages below this may have been committed by a process that died before it could note so. Set at start.
  void set_recovered_end(PhysicalOffset end) noexcept { recovered_end_ = end; }

  /// When the transaction began: the store time of its first half message, as producers' clocks may be wrong by years.
  std::int64_t begun_ms(const HalfMessage& half) const;
  /// Stores the message in its real topic. A delay that it carries begins now.
  Status commit(const HalfMessage& half) const;
  /// Stores the half message again at the end of the half topic.
  Result<AppendReceipt> renew(const HalfMessage& half, std::string_view properties) const;
  /// Moves a copy to TRANS_CHECK_MAX_TIME_TOPIC.
  Status discard(const HalfMessage& half) const;
  /// Counts one that does not wait any more.
  void count_end(const HalfMessage& half) const;
  /// Whether a process before this one may have committed it. Then is_committed() must be asked.
  bool may_be_committed(const HalfMessage& half) const noexcept {
    return half.stored.physical_offset < recovered_end_ && !half.unique_key.empty();
  }
  /// Whether the message already lies in its real topic, committed. Asks the key index, so it may wait for the disk;
  /// needs a UNIQ_KEY. A message that went to be delayed first is not found.
  bool is_committed(const HalfMessage& half) const;

 private:
  const Parts& parts_;
  PhysicalOffset recovered_end_;
};

}  // namespace tenon::transaction
