// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/steady_timer.hpp>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <vector>

#include "protocol-native/client_calls.hpp"
#include "protocol-native/output.hpp"
#include "protocol-native/readiness.hpp"
#include "protocol-native/server_state.hpp"
#include "remoting/command.hpp"
#include "remoting/java_send_header.hpp"

namespace tenon::protocol_native {

class Connection;

/// What the connections of one I/O thread share: the receive buffer, the decoder, spare output buffers, one timer.
///
/// Work comes in turns: everything that one wake causes, on whatever connections, happens inside a Turn,
/// and what it wrote is sent at its end, by one send per connection. Threads: everything but executor() only on the
/// thread of the executor.
class NetLoop {
 public:
  NetLoop(boost::asio::any_io_executor executor, ServerState& server);
  NetLoop(const NetLoop&) = delete;
  NetLoop& operator=(const NetLoop&) = delete;
  ~NetLoop();

  class Turn {
   public:
    explicit Turn(NetLoop& loop) : loop_(loop) {
      if (loop_.turn_depth_++ == 0) loop_.begin_turn();
    }
    Turn(const Turn&) = delete;
    Turn& operator=(const Turn&) = delete;
    ~Turn() {
      if (loop_.turn_depth_ == 1) loop_.finish_turn();
      --loop_.turn_depth_;
    }

   private:
    NetLoop& loop_;
  };

  const boost::asio::any_io_executor& executor() const noexcept { return executor_; }
  ServerState& server() noexcept { return server_; }

  /// Where connections of this loop live while they catch up; none: here. Before start().
  void set_catch_up_loop(NetLoop* loop) noexcept { catch_up_loop_ = loop; }
  NetLoop* catch_up_loop() const noexcept { return catch_up_loop_; }

  void start();
  bool is_stopped() const noexcept { return stopped_; }
  /// Closes all connections and ends the timer.
  void stop();
  void add(std::shared_ptr<Connection> connection);
  /// Called by a connection that has just closed: forgets it when the turn ends.
  void remove(Connection& connection);
  /// The connection is to live on another loop when the turn ends.
  void move_later(Connection& connection);
  /// Called by a connection that does.
  void leave(Connection& connection);
  /// Called before answers are sent: what this turn has stored is handed to the operating system. False when that
  /// failed: no answer of this turn may be sent, and all connections are closed.
  bool hand_over();
  /// The connection has output that is not being sent yet.
  void flush_later(Connection& connection);
  std::size_t connection_count() const noexcept { return connections_.size(); }
  /// Publishes of all connections whose outcome is still to come, and calls to clients: what drain() waits for.
  std::int64_t busy_requests() const noexcept;

  std::span<std::byte> receive_buffer() noexcept { return {receive_buffer_.get(), kReceiveBytes}; }
  remoting::Command& command() noexcept { return command_; }
  remoting::JavaSendHeader& java_send() noexcept { return java_send_; }
  Readiness& readiness() noexcept { return readiness_; }
  ClientCalls& calls() noexcept { return calls_; }
  std::unique_ptr<Output> borrow_output();
  void give_back(std::unique_ptr<Output> output);
  /// Seconds since the server was made, as of this loop's last tick: for time-outs that need no precision.
  std::uint32_t second() const noexcept { return second_; }
  /// Less than 0 for one that another loop has counted already.
  std::int32_t seconds_since(std::uint32_t second) const noexcept {
    return static_cast<std::int32_t>(second_ - second);
  }

 private:
  static constexpr std::size_t kReceiveBytes = 256 * 1024;

  std::shared_ptr<Connection> take(Connection& connection);
  std::uint32_t now_in_seconds() const noexcept;
  void schedule_turn();
  void begin_turn() noexcept;
  void finish_turn();
  void arm_timer();
  void on_timer();

  boost::asio::any_io_executor executor_;
  ServerState& server_;
  boost::asio::steady_timer timer_;
  Readiness readiness_;
  std::unique_ptr<std::byte[]> receive_buffer_;
  remoting::Command command_;
  remoting::JavaSendHeader java_send_;
  ClientCalls calls_;
  std::vector<std::unique_ptr<Output>> spare_outputs_;
  std::vector<std::shared_ptr<Connection>> connections_;
  std::vector<Connection*> to_flush_, to_move_;
  std::vector<std::shared_ptr<Connection>> closed_;
  NetLoop* catch_up_loop_ = nullptr;
  std::uint32_t second_ = 1;
  int turn_depth_ = 0;
  bool turn_scheduled_ = false;
  bool stopped_ = false;
};

}  // namespace tenon::protocol_native
