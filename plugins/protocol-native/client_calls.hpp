// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <atomic>
#include <chrono>
#include <cstdint>
#include <unordered_map>

#include "protocol-native/client_call.hpp"
#include "remoting/command.hpp"

namespace tenon::protocol_native {

/// The requests that this thread's connections have sent to their clients and wait for. One numbering of opaques for
/// all threads, because connections move, independent of what the clients number. Threads: its loop's own.
class ClientCalls {
 public:
  using Clock = std::chrono::steady_clock;

  struct Limits {
    std::size_t of_connection, all;
  };
  ClientCalls(Limits limits, std::atomic<std::uint32_t>& next_opaque) : limits_(limits), next_opaque_(next_opaque) {}

  /// Returns the opaque to send under; `answered`, moved from, will run once. Error: busy, at one of the limits.
  Result<std::int32_t> begin(const Connection& connection, Clock::time_point deadline, ClientAnswered& answered);
  /// An opaque for a request that gets no answer.
  std::int32_t next_opaque() noexcept { return next_opaque_.fetch_add(1, std::memory_order_relaxed) & 0x7fffffff; }
  /// A response came in. One that nobody waits for (any more) is dropped, as RocketMQ does.
  void complete(const Connection& connection, const remoting::Command& response);
  bool waits_for(const Connection& connection) const { return waiting_of_.contains(&connection); }
  void disconnected(const Connection& connection);
  void expire(Clock::time_point now);
  std::size_t size() const noexcept { return waiting_.size(); }

 private:
  struct Waiting {
    const Connection* connection;
    Clock::time_point deadline;
    ClientAnswered answered;
  };
  using Table = std::unordered_map<std::int32_t, Waiting>;

  /// Takes an entry out of the table; the next one is returned.
  Table::iterator take(Table::iterator entry, ClientAnswered& answered);
  template <class Match>
  void fail_where(Match&& match, Errc code, const char* message);

  const Limits limits_;
  Table waiting_;
  std::unordered_map<const Connection*, std::size_t> waiting_of_;  ///< Of those with any.
  std::atomic<std::uint32_t>& next_opaque_;
};

}  // namespace tenon::protocol_native
