// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <atomic>
#include <cstdint>
#include <map>
#include <string>
#include <thread>
#include <vector>

#include "hostile_cluster.hpp"
#include "message_requests.hpp"

namespace tenon::fault {

/// Reads every queue at every broker from its begin on, as a consumer that goes to and fro: what was handed out once
/// must stay where it was, whoever is the master afterwards. Threads: its own between start() and stop(); the rest is
/// for others only outside of that.
class ClusterReader {
 public:
  ClusterReader(HostileCluster& cluster, int queues);
  ~ClusterReader() { stop(); }

  void start();
  void stop();
  std::size_t read() const noexcept { return read_; }
  /// What two brokers handed out for one place, if that happened.
  const std::string& complaint() const noexcept { return complaint_; }
  /// Empty: what was handed out of this queue is among all of its messages, where it was.
  std::string vanished(int queue, const std::vector<e2e::PulledMessage>& all) const;

 private:
  using Places = std::map<std::int64_t, std::size_t>;  ///< Hash of the body by queue offset.

  void run();
  void read_some(std::size_t broker);
  bool take(std::size_t broker, int queue, const e2e::PulledMessage& message);

  HostileCluster& cluster_;
  std::vector<std::vector<std::int64_t>> next_;  ///< By broker and queue.
  std::vector<Places> handed_out_;               ///< By queue.
  std::size_t read_ = 0;
  std::string complaint_;
  std::atomic<bool> stop_{false};
  std::thread thread_;
};

}  // namespace tenon::fault
