// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <boost/asio/steady_timer.hpp>
#include <condition_variable>
#include <memory>
#include <mutex>

#include "check_round.hpp"
#include "progress_keeper.hpp"
#include "waiting_file.hpp"

namespace tenon::transaction {

/// Runs a CheckRound every check interval: the timer on `sched`, the work on `disk`. Threads: start(), end() and stop()
/// from `ctl`.
class CheckService {
 public:
  CheckService(const Parts& parts, const HalfActions& actions);
  ~CheckService();

  void start();
  /// Stops and writes down how far everything has ended. Nothing after a start that failed, or stop().
  void end();
  /// No work of this object runs when this has returned.
  void stop() noexcept;

 private:
  void wait(std::chrono::milliseconds pause);
  void work();

  const Parts& parts_;
  const HalfActions& actions_;
  ProducerChoice producers_;
  ProgressKeeper progress_;
  WaitingFile waiting_;
  std::unique_ptr<boost::asio::steady_timer> timer_;
  std::unique_ptr<CheckRound> round_;

  std::mutex mutex_;
  std::condition_variable idle_;
  bool stopping_ = false;
  int running_ = 0;  ///< Handlers that are posted or run.
};

}  // namespace tenon::transaction
