// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include "bench/measurement.hpp"
#include "tenon/error.hpp"

namespace tenon::bench {

/// Creates the run's topic with UPDATE_AND_CREATE_TOPIC. Returns why the broker refused, in its words; empty if it did
/// not. Error: it cannot be reached.
Result<std::string> create_topic(const Options& options);

/// Sends as fast as answers come, or at a fixed rate, over all connections.
/// Errors: disconnected when the broker cannot be reached or hangs up; timed_out when it stops answering for 10 s.
Result<Measurement> run_send(const Options& options);
/// Pulls full batches from all queues, over and over. Fills the topic first when it holds too little.
Result<Measurement> run_pull(const Options& options);
/// Sends at a fixed rate on one connection while long polls wait on another; the latency counts from the intended
/// send time, so a stall is seen by every message it delays. The first tenth is dropped.
Result<Measurement> run_e2e(const Options& options);

}  // namespace tenon::bench
