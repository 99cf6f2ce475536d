// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>

namespace tenon::protocol_mqtt {

class Connection;

/// Connections that were accepted and have not said CONNECT yet, oldest first: their number is bounded, so that
/// strangers who open connections and say nothing cannot keep clients out. Threads: the hub's.
class Openings {
 public:
  explicit Openings(std::size_t limit) : limit_(limit) {}

  void begin(Connection& connection, std::int64_t now_ms);
  /// It said CONNECT, or has closed. May be called again.
  void end(Connection& connection) noexcept;
  bool full() const noexcept { return waiting_.size() >= limit_; }
  /// Time in which the client could not get on.
  void excuse(const Connection& connection, std::int64_t ms) noexcept;
  /// One that has had time enough that an honest client would be through, older ones first; else nullptr. Who waits
  /// for us is not late: to close those would be to do the handshakes of a crowd in vain, all of them.
  Connection* overdue(std::int64_t now_ms) const noexcept;
  std::size_t count() const noexcept { return waiting_.size(); }

 private:
  struct Opening {
    Connection* connection;
    std::int64_t since_ms;
  };
  const std::size_t limit_;
  std::uint64_t last_ = 0;
  std::map<std::uint64_t, Opening> waiting_;
};

}  // namespace tenon::protocol_mqtt
