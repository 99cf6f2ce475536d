// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <boost/asio/any_io_executor.hpp>
#include <chrono>
#include <functional>
#include <memory>

#include "routing/deadline_timer.hpp"

namespace tenon::kernel {

/// Runs `work` every `period`, the first time one period after start(). Threads: as DeadlineTimer.
class RepeatingTimer {
 public:
  RepeatingTimer(const boost::asio::any_io_executor& executor, std::chrono::milliseconds period,
                 std::function<void()> work)
      : period_(period), work_(std::move(work)), timer_(std::make_shared<DeadlineTimer>(executor, [this] {
          work_();
          start();
        })) {}
  ~RepeatingTimer() { timer_->stop(); }
  RepeatingTimer(const RepeatingTimer&) = delete;
  RepeatingTimer& operator=(const RepeatingTimer&) = delete;

  void start() { timer_->arm(std::chrono::steady_clock::now() + period_); }

 private:
  const std::chrono::milliseconds period_;
  const std::function<void()> work_;
  const std::shared_ptr<DeadlineTimer> timer_;
};

/// Runs `work` every `period`, the first time one period from now, until what it returns is destroyed. Injected, so
/// that tests let time pass.
using RunEvery = std::function<std::shared_ptr<void>(std::chrono::milliseconds period, std::function<void()> work)>;

/// With real time, on `executor`.
inline RunEvery run_every_on(const boost::asio::any_io_executor& executor) {
  return [executor](std::chrono::milliseconds period, std::function<void()> work) {
    auto timer = std::make_shared<RepeatingTimer>(executor, period, std::move(work));
    timer->start();
    return timer;
  };
}

}  // namespace tenon::kernel
