// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/steady_timer.hpp>
#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>

namespace tenon::delay {

/// Wakes a piece of work at a wall-clock time. The timer stands on `sched`; the work runs on the executor it belongs
/// to. A wait is cut into parts of a minute, so that a clock that was set is noticed. Threads: any. After stop() no
/// work begins; one that runs already is the owner's to wait for.
class Alarm : public std::enable_shared_from_this<Alarm> {
 public:
  using Clock = std::function<std::int64_t()>;
  using Work = std::function<void()>;

  Alarm(boost::asio::any_io_executor sched, boost::asio::any_io_executor runs_on, Clock now_ms, Work work);

  /// Wakes at `when_ms`; a wait for another time is given up.
  void set(std::int64_t when_ms);
  void stop();

 private:
  void wait(std::uint64_t generation);
  void expired(std::uint64_t generation);

  const boost::asio::any_io_executor runs_on_;
  const Clock now_ms_;
  std::mutex mutex_;
  boost::asio::steady_timer timer_;
  Work work_;
  std::int64_t when_ms_ = 0;
  std::uint64_t generation_ = 0;
};

}  // namespace tenon::delay
