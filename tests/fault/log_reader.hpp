// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <atomic>
#include <string>
#include <thread>
#include <vector>

#include "tenon/host_address.hpp"

namespace tenon::fault {

/// A consumer that reads all queues of a topic throughout, at one broker after another, and remembers what it saw. It
/// goes on where it is, as a consumer with its offsets does: what it cannot read again it would miss.
/// Threads: one that controls it; reading runs on one of its own.
class LogReader {
 public:
  LogReader(std::string topic, int queues) : topic_(std::move(topic)), seen_(static_cast<std::size_t>(queues)) {}
  ~LogReader() { stop(); }
  /// Reads at `broker` until the connection ends, or stop().
  void start(const HostAddress& broker);
  void stop();
  std::size_t messages() const;
  /// The first thing that this reader saw and that `broker` does not show at its place; empty: there is none.
  std::string compare_with(const HostAddress& broker) const;

 private:
  void read(const HostAddress& broker);

  const std::string topic_;
  std::vector<std::vector<std::string>> seen_;  ///< Bodies by queue and offset. While no thread runs.
  std::atomic<bool> stopping_{false};
  std::thread thread_;
};

}  // namespace tenon::fault
