// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/io_context.hpp>
#include <chrono>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "lifecycle/cpu_set.hpp"
#include "tenon/host.hpp"

namespace tenon::kernel {

/// The threads of the process, by role: `net-N` and `catch-up-N`, each with an io_context of its own; `disk-N`, a pool
/// on one io_context; `sched`, one thread for timers.
///
/// Threads: the executors may be used from any; start() and stop() from `ctl`.
class Executors {
 public:
  /// Called on the thread whose handler threw, with its name and the text. The thread goes on with the next handler.
  using Fault = std::function<void(const std::string& thread, const std::string& what)>;

  /// How threads that serve sockets run: `net-N` and those in run_loop().
  struct Net {
    int threads = 1;                        ///< `net-N`.
    std::chrono::microseconds idle_poll{};  ///< How long they look for work before they sleep, while that pays.
    CpuSet cpus{};                          ///< Where they run; none: anywhere.
    int catch_up_threads = 0;               ///< `catch-up-N`; they run where the others run, and do not look for work.
  };

  Executors(Net net, int disk_threads, Fault on_fault);
  ~Executors();
  Executors(const Executors&) = delete;
  Executors& operator=(const Executors&) = delete;

  /// Where `net-N` have processors of their own, the main and the calling thread leave them, and with them all that
  /// they start from then on: the threads of plug-ins, too. Those that others start call run_where_main_runs().
  void start();
  /// Ends all threads after the handler each is in, then runs on the calling thread what is ready; what still waits (a
  /// timer) is dropped at destruction.
  void stop() noexcept;

  /// Runs `context` on the calling thread, alone, as `net-N` run theirs. As io_context::run().
  void run_loop(boost::asio::io_context& context) const;
  boost::asio::any_io_executor executor(ExecutorRole role) const;
  const std::vector<boost::asio::any_io_executor>& net_executors() const noexcept { return net_executors_; }
  const std::vector<boost::asio::any_io_executor>& catch_up_executors() const noexcept { return catch_up_executors_; }

 private:
  class Pool;
  const Net net_settings_;
  Fault on_fault_;
  std::vector<std::unique_ptr<Pool>> net_, catch_up_;
  std::unique_ptr<Pool> disk_, sched_;
  std::vector<boost::asio::any_io_executor> net_executors_, catch_up_executors_;
  bool started_ = false;
};

/// Names the calling thread; 15 characters are kept.
void name_this_thread(const std::string& name) noexcept;

}  // namespace tenon::kernel
