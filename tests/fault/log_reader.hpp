// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <atomic>
#include <chrono>
#include <cstdint>
#include <map>
#include <string>
#include <thread>
#include <vector>

#include "protocol-native/testing/raw_client.hpp"
#include "tenon/host_address.hpp"

namespace tenon::fault {

/// How much a consumer would be given again by a broker that knows its offsets.
struct ReadAgain {
  std::int64_t messages = 0;
  std::chrono::milliseconds age{0};  ///< Of the first of them: how long before the last commit it was committed.
};

/// A consumer that reads all queues of a topic throughout, at one broker after another, and remembers what it saw. It
/// goes on where it is, as a consumer with its offsets does: what it cannot read again it would miss. With a group,
/// that of its pulls, it commits what it has read. Threads: one that controls it; reading runs on one of its own.
class LogReader {
 public:
  LogReader(std::string topic, int queues, std::string group = {})
      : topic_(std::move(topic)),
        group_(std::move(group)),
        seen_(static_cast<std::size_t>(queues)),
        commits_(seen_.size()) {}
  ~LogReader() { stop(); }
  /// Reads at `broker` until the connection ends, or stop().
  void start(const HostAddress& broker);
  void stop();
  std::size_t messages() const;
  /// The first thing that this reader saw and that `broker` does not show at its place; empty: there is none.
  std::string compare_with(const HostAddress& broker) const;
  /// What `broker` would hand out again to the group. Throws std::runtime_error when an offset there is one that was
  /// never committed: what lies before it would be missed.
  ReadAgain read_again(const HostAddress& broker) const;

 private:
  using Time = std::chrono::steady_clock::time_point;

  void read(const HostAddress& broker);
  void commit(protocol_native::RawClient& client, std::size_t queue);

  const std::string topic_, group_;
  std::vector<std::vector<std::string>> seen_;         ///< Bodies by queue and offset. While no thread runs.
  std::vector<std::map<std::int64_t, Time>> commits_;  ///< Those that were acknowledged, by queue and offset.
  std::atomic<bool> stopping_{false};
  std::thread thread_;
};

}  // namespace tenon::fault
