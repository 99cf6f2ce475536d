// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/dispatch.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/strand.hpp>
#include <chrono>
#include <condition_variable>
#include <exception>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>

#include "tenon/host.hpp"

namespace tenon::pop {

/// Runs pieces of work one after the other on the threads of `disk`, and one of them again and again.
/// Threads: post() any; start() and stop() from `ctl`.
class SerialWork {
 public:
  using Strand = boost::asio::strand<boost::asio::any_io_executor>;
  /// Returns when it wants to run again.
  using Tick = std::function<std::chrono::milliseconds()>;

  explicit SerialWork(Host& host) : host_(host) {}
  ~SerialWork() { stop(); }

  void start(Tick tick);
  /// False: it has not begun, or has ended; `work` is not run.
  template <class Work>
  bool post(Work work) {
    if (!begin()) return false;
    boost::asio::post(*strand_, [this, work = std::move(work)]() mutable {
      run(work);
      end();
    });
    return true;
  }
  /// Runs the tick soon instead of later.
  void hurry();
  /// Nothing runs when this has returned.
  void stop() noexcept;

 private:
  bool begin();
  void end();
  void wait(std::chrono::milliseconds pause);
  template <class Work>
  void run(Work& work) {
    try {
      work();
    } catch (const std::exception& failure) {
      host_.log().error("a piece of work failed: ", failure.what());
    }
  }

  Host& host_;
  std::optional<Strand> strand_;
  std::unique_ptr<boost::asio::steady_timer> timer_;
  Tick tick_;

  std::mutex mutex_;
  std::condition_variable idle_;
  bool running_ = false;
  int pieces_ = 0;  ///< Posted, run, or waited for by the timer.
};

}  // namespace tenon::pop
