// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <sys/epoll.h>

#include <vector>

#include "bench/channel.hpp"
#include "bench/clock.hpp"
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

  enum class Served { well, gone, malformed };
  /// After events of a connection: reads, gives every answer to `take(response, now_ns)`, writes what was queued.
  /// `gone`: the connection is, or `take` returned false.
  template <class Take>
  Served serve(std::size_t index, std::uint32_t events, Take&& take);

 private:
  struct Member {
    Channel channel;
    bool watching = false;
  };
  Poller poller_;
  std::vector<Member> members_;
};

template <class Take>
Fleet::Served Fleet::serve(std::size_t index, std::uint32_t events, Take&& take) {
  Channel& channel = members_[index].channel;
  if ((events & ~std::uint32_t{EPOLLOUT}) != 0) {
    if (!channel.fill()) return Served::gone;
    const std::int64_t now = now_ns();
    Response response;
    ResponseReader::Outcome outcome;
    while ((outcome = channel.next(response)) == ResponseReader::Outcome::complete) {
      if (!response.is_request && !take(response, now)) return Served::gone;
    }
    if (outcome == ResponseReader::Outcome::malformed) return Served::malformed;
  }
  return flush(index) ? Served::well : Served::gone;
}

}  // namespace tenon::bench
