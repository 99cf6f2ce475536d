// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <atomic>
#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include "hostile_cluster.hpp"
#include "protocol-native/testing/raw_client.hpp"

namespace tenon::fault {

using Moment = std::chrono::steady_clock::time_point;

/// A message that was sent once, and what became of it as far as its sender knows. Its body is made from its queue and
/// number, so that every byte that comes back can be judged.
struct Attempt {
  Moment sent, answered;
  std::size_t broker = 0;
  int start = 0;  ///< Which process of that broker; 0: it was started again meanwhile.
  bool acknowledged = false;
  bool given_up = false;  ///< Counted as lost, where loss is allowed.
};

std::string body_of_attempt(int queue, std::size_t number);

/// Sends messages to a queue of its own, each once: to whoever takes them, or, as a witness, always to the same broker.
/// Threads: its own between start() and stop(); the attempts are for others only outside of that.
class ClusterClient {
 public:
  ClusterClient(HostileCluster& cluster, int queue, std::optional<std::size_t> only_broker)
      : cluster_(cluster), queue_(queue), only_(only_broker), broker_(only_broker.value_or(0)) {}
  ~ClusterClient() { stop(); }

  void start();
  void stop();
  int queue() const noexcept { return queue_; }
  bool is_witness() const noexcept { return only_.has_value(); }
  /// When the last message that was acknowledged had been sent.
  Moment last_sent() const noexcept { return Moment(Moment::duration(last_sent_.load())); }
  std::vector<Attempt>& attempts() noexcept { return attempts_; }

 private:
  void run();
  std::int32_t send(const std::string& body);

  HostileCluster& cluster_;
  const int queue_;
  const std::optional<std::size_t> only_;
  std::size_t broker_;
  std::optional<protocol_native::RawClient> connection_;
  std::vector<Attempt> attempts_;
  std::atomic<Moment::rep> last_sent_{0};
  std::atomic<bool> stop_{false};
  std::thread thread_;
};

inline constexpr const char* kClusterTopic = "Ledger";

}  // namespace tenon::fault
