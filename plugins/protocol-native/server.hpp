// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <atomic>
#include <boost/asio/ip/tcp.hpp>
#include <chrono>
#include <functional>
#include <memory>
#include <vector>

#include "protocol-native/listener.hpp"
#include "protocol-native/net_loop.hpp"
#include "protocol-native/server_state.hpp"

namespace tenon::protocol_native {

/// The remoting server: loops, listeners, the table of handlers.
/// Threads: all members on one (`ctl`), but serves() and is_reached_by() on any after open(); the loops' threads must
/// run from open() until stop() has returned.
class Server {
 public:
  Server(Settings settings, const BrokerServices& services, const Logger& log,
         const std::vector<boost::asio::any_io_executor>& executors,
         const std::vector<boost::asio::any_io_executor>& catch_up_executors);
  ~Server();

  HandlerTable& handlers() noexcept { return state_.handlers; }
  /// Changes of topics and groups wait at `gate` from now on. Before serve().
  void set_table_gate(TableGate& gate) { state_.services.table_gate = &gate; }
  /// Binds the listeners; throws Failure. Nothing is accepted yet.
  void open();
  HostAddress first_address() const { return listeners_.front()->address(); }
  std::vector<HostAddress> addresses() const;
  void serve();
  bool serves() const noexcept { return serving_; }
  /// True when a connection of this process between these two ends leads to one of the own listeners.
  bool is_reached_by(const boost::asio::ip::tcp::endpoint& from, const boost::asio::ip::tcp::endpoint& to) const;

  /// Accepts nothing more, tells clients that understand it to go away, waits until what is in flight is answered.
  void drain(std::chrono::steady_clock::time_point deadline);
  /// Closes everything.
  void stop() noexcept;
  std::int32_t connection_count() const noexcept { return state_.connections.load(); }

 private:
  std::vector<NetLoop*> all_loops() const;
  /// Runs `work` on the thread of `loop` and waits for it.
  static void run_on(NetLoop& loop, const std::function<void()>& work);

  ServerState state_;
  std::vector<std::unique_ptr<NetLoop>> loops_, catch_up_loops_;
  std::vector<std::unique_ptr<Listener>> listeners_;
  std::atomic<bool> serving_ = false;
};

}  // namespace tenon::protocol_native
