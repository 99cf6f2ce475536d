// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>
#include <vector>

#include "tenon/error.hpp"
#include "tenon/log_tap.hpp"
#include "tenon/topics.hpp"

namespace tenon::ha {

/// The topics of messages, and those that delayed and transactional messages among them are meant for. Each with as
/// many queues as its messages show.
struct TopicsInLog {
  std::vector<TopicConfig> topics;  ///< In the order of their first messages.
  PhysicalOffset begin;             ///< Of what was looked at.
  Status reached_end;               ///< Else where it ended, and why.
};

/// Those between `from`, the begin of a record, and the end of the log, with `queues_min` queues at least. Reads at
/// most some files; a longer log is looked at from a later begin on. `goes_on` is asked before each piece of some
/// megabytes, with how much was looked at; false ends it there, with shutting_down.
TopicsInLog topics_in_log(const LogTap& log, PhysicalOffset from, std::int32_t queues_min,
                          const std::function<bool(int percent)>& goes_on);

}  // namespace tenon::ha
