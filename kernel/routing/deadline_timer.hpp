// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/steady_timer.hpp>
#include <chrono>
#include <functional>
#include <memory>
#include <mutex>

namespace tenon::kernel {

/// One timer that stands on the earliest of many deadlines. Setting it earlier costs a post to the timer's thread,
/// asking for a later time costs nothing: when it fires, the owner says what is next. Threads: arm() and stop() from
/// any; `fire` runs on the executor's thread, which must be a single one.
class DeadlineTimer : public std::enable_shared_from_this<DeadlineTimer> {
 public:
  using TimePoint = std::chrono::steady_clock::time_point;
  using Fire = std::function<void()>;

  DeadlineTimer(const boost::asio::any_io_executor& executor, Fire fire) : timer_(executor), fire_(std::move(fire)) {}

  /// Fires at `when` or, if it stands earlier already, then.
  void arm(TimePoint when);
  /// No fire begins after this has returned.
  void stop();

 private:
  void wait_on_executor();
  void expired();

  boost::asio::steady_timer timer_;
  std::mutex mutex_;
  TimePoint armed_ = TimePoint::max();
  std::mutex firing_;  ///< Held while `fire` runs, so that stop() waits for it.
  Fire fire_;
};

}  // namespace tenon::kernel
