// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <map>
#include <string>

#include "bench/histogram.hpp"
#include "bench/request_frame.hpp"

namespace tenon::bench {

/// What one run shall do. Bounded always: by `requests`, by `seconds`, or by whichever comes first.
struct Options {
  std::string broker = "127.0.0.1:10911";
  MessageShape shape;
  int connections = 8;
  int depth = 1;  ///< Requests in flight per connection.
  int queues = 4;
  bool unbatched = false;  ///< Write each request by itself, as the Java client does.
  std::uint64_t requests = 0;
  double seconds = 0;            ///< Of the measured window; 0: 5, or 600 when `requests` bounds the run.
  double warmup_seconds = 0;     ///< Before it; not measured.
  double rate = 0;               ///< Messages per second, open loop; 0: as fast as answers come.
  std::uint64_t fill = 100'000;  ///< pull: messages that must be there before the run.
  int pull_messages = 32;
  int server_pid = 0;  ///< 0: do not look at the server's CPU time.
  bool create_topic = true;
  bool quiet = false;  ///< No progress lines.

  double window_seconds() const noexcept { return seconds > 0 ? seconds : requests > 0 ? 600 : 5; }
};

/// What was seen in the measured window.
struct Measurement {
  std::string mode;
  double seconds = 0;
  std::uint64_t requests = 0;  ///< Answered with success.
  std::uint64_t messages = 0;
  std::uint64_t body_bytes = 0;
  std::uint64_t lost = 0;                 ///< e2e: sent and not received until the end.
  std::map<int, std::uint64_t> refusals;  ///< Response code to count.
  std::string first_refusal;              ///< The remark of the first one.
  Histogram latency;                      ///< Per request; e2e: from the intended send time to the receipt.
  double server_cpu_seconds = -1;         ///< Negative: not measured.
  double own_cpu_seconds = 0;
};

}  // namespace tenon::bench
