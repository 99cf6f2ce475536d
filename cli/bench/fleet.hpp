// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <vector>

#include "bench/channel.hpp"
#include "bench/poller.hpp"

namespace tenon::bench {

/// The connections of a run and their poller.
/// Threads: one.
class Fleet {
 public:
  /// Opens `connections` connections. Error: the first that fails.
  Status connect(const std::string& broker, int connections);

  std::size_t size() const noexcept { return members_.size(); }
  Channel& operator[](std::size_t index) noexcept { return members_[index].channel; }
  Poller& poller() noexcept { return poller_; }
  /// Writes what is queued and watches for room when the socket is full. false: the connection is gone.
  bool flush(std::size_t index);

 private:
  struct Member {
    Channel channel;
    bool watching = false;
  };
  Poller poller_;
  std::vector<Member> members_;
};

}  // namespace tenon::bench
