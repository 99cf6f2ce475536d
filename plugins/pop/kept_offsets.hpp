// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <deque>
#include <map>
#include <optional>
#include <string>
#include <string_view>

#include "name_keys.hpp"
#include "parts.hpp"

namespace tenon::pop {

/// Consumer offsets that hold only once a record is there to stay: nothing below them has another trace.
///
/// An offset is committed when the record that vouches for it is on the disk and wherever the gates want it, so that a
/// power cut cannot leave the offset behind without the record. Until then it counts for who asks here.
/// Threads: one at a time.
class KeptOffsets {
 public:
  explicit KeptOffsets(const Parts& parts) : parts_(parts) {}

  /// The one that waits, or else the one that was committed.
  std::optional<QueueOffset> find(std::string_view group, std::string_view topic, std::int32_t queue_id) const;
  /// `vouched_by`: the end of the record. Later offsets of a queue are later records.
  void advance(std::string_view group, std::string_view topic, std::int32_t queue_id, QueueOffset offset,
               PhysicalOffset vouched_by);
  /// Forgets what waits: somebody has set the offset.
  void forget(std::string_view group, std::string_view topic, std::int32_t queue_id);
  bool empty() const noexcept { return waiting_.empty(); }
  /// Commits what has become certain. Cheap while nothing waits.
  void settle();

 private:
  struct Waiting {
    QueueOffset offset;
    PhysicalOffset vouched_by;
  };

  const Parts& parts_;
  std::map<NameKey, std::deque<Waiting>, NameKeyLess> waiting_;  ///< By group, topic, queue.
};

}  // namespace tenon::pop
