// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <memory>
#include <string>

#include "kept_offsets.hpp"
#include "ordered_queues.hpp"
#include "parts.hpp"
#include "revive_log.hpp"
#include "tenon/pop_consumption.hpp"

namespace tenon::pop {

/// A request whose group, topic and expression were found.
struct CheckedPop {
  PopRequest request;
  std::shared_ptr<const CompiledFilter> filter;  ///< nullptr: everything.
};

/// Takes messages out of queues for one request at a time. Source: broker-semantics.md 10.2 to 10.5.
///
/// What is given out is written down before: a check point, and only then the group's offset moves on; in order, the
/// offset stays where it is until what was given out is acknowledged. Threads: one at a time; may wait for the disk.
class Popper {
 public:
  Popper(const Parts& parts, KeptOffsets& offsets, ReviveLog& log, OrderedQueues& ordered)
      : parts_(parts), offsets_(offsets), log_(log), ordered_(ordered) {}

  /// Errors: those of PopConsumption::pop().
  Result<CheckedPop> check(PopRequest request) const;
  /// `queues` is empty when nothing was found. Error: what the store or the scheduler said, if nothing was given out.
  Result<PopOutcome> pop(const CheckedPop& checked);
  /// What lies there next, given out to nobody.
  PopOutcome peek(const PopRequest& request);
  /// Whether there is something behind the group's offset.
  bool has_messages(const PopRequest& request);

 private:
  struct Source {
    PopSource kind = PopSource::topic;
    std::string topic;
    std::int32_t queues = 0;
  };
  struct Take {
    const CheckedPop& checked;
    PopOutcome& outcome;
    std::int32_t left = 0;   ///< Messages.
    std::int64_t bytes = 0;  ///< Given out so far.
    Error error;
  };

  void take_topic(Take& take);
  void take_retries(Take& take);
  void take_queue(Take& take, const Source& source, std::int32_t queue_id);
  void give(Take& take, const Source& source, std::int32_t queue_id, ReadResult read);
  bool note_given(Take& take, const Source& source, PoppedQueue& popped, const ReadResult& read);
  template <class Visit>
  void for_each_retry_topic(const PopRequest& request, Visit&& visit) const;

  QueueOffset begin_of(const PopRequest& request, const Source& source, std::int32_t queue_id);
  ReadResult read(const CheckedPop& checked, const Source& source, std::int32_t queue_id, QueueOffset begin,
                  std::int32_t max_messages);

  const Parts& parts_;
  KeptOffsets& offsets_;
  ReviveLog& log_;
  OrderedQueues& ordered_;
  std::uint32_t turn_ = 0;
};

}  // namespace tenon::pop
