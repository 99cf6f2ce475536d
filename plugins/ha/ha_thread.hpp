// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>
#include <functional>
#include <string_view>
#include <thread>

namespace tenon::ha {

/// The thread `ha` of replication, for all of it that may wait for the disk. One of its own and none of the host's,
/// because it reads pages of the log that nobody has touched for days: on a `net-N` the clients would wait for the disk
/// with it, on a `disk-N` a synchronous acknowledgement would wait for whatever else is at the disk.
/// Threads: any, but run() not from itself.
class HaThread {
 public:
  /// What a handler let escape, on the thread, which goes on. Throws nothing.
  using Fault = std::function<void(std::string_view)>;
  /// Runs the context on the thread, as io_context::run() does.
  using Loop = std::function<void(boost::asio::io_context&)>;

  /// Starts with all signals blocked: they are for the main thread. Without a `loop` it is io_context::run().
  explicit HaThread(Fault on_fault, Loop loop = {});
  ~HaThread();

  boost::asio::io_context& context() noexcept { return context_; }
  /// Runs `work` there and waits for its end. What it throws is thrown here.
  void run(const std::function<void()>& work);
  /// Runs what is ready, then ends. Later work is never run.
  void stop() noexcept;

 private:
  void serve();

  const Fault on_fault_;
  const Loop loop_;
  boost::asio::io_context context_{1};
  boost::asio::executor_work_guard<boost::asio::io_context::executor_type> work_;
  std::thread thread_;
};

}  // namespace tenon::ha
