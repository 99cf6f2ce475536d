// SPDX-License-Identifier: Apache-2.0
#include "lifecycle/signals.hpp"

#include <unistd.h>

#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/signal_set.hpp>
#include <boost/asio/steady_timer.hpp>
#include <csignal>
#include <cstdlib>
#include <optional>
#include <thread>

#include "lifecycle/bus_error.hpp"
#include "lifecycle/executors.hpp"
#include "tenon/log.hpp"

namespace tenon::kernel {
namespace {

namespace asio = boost::asio;

// Who signals a process and then its group, as GNU timeout and service managers do, means one stop.
constexpr std::chrono::milliseconds kSameStop{500};

class SignalLoop {
 public:
  SignalLoop(Control& control, const ServiceManager& manager, const std::function<bool()>& still_well)
      : control_(control),
        manager_(manager),
        still_well_(still_well),
        signals_(context_, SIGTERM, SIGINT, SIGHUP),
        watchdog_(context_),
        interval_(watchdog_interval(std::getenv("WATCHDOG_USEC"), std::getenv("WATCHDOG_PID"), getpid())) {
    std::signal(SIGPIPE, SIG_IGN);
    name_file_of_bus_errors();
    wait_for_signal();
    if (interval_.count() > 0) feed_watchdog();
  }

  void run() { context_.run(); }
  void end() {
    asio::post(context_, [this] { context_.stop(); });
  }

 private:
  void wait_for_signal() {
    signals_.async_wait([this](const boost::system::error_code& failed, int number) {
      if (failed) return;
      take(number);
      wait_for_signal();
    });
  }

  void take(int number) {
    if (number == SIGHUP) return control_.request_reload();
    const auto now = std::chrono::steady_clock::now();
    if (first_stop_) {
      if (now - *first_stop_ < kSameStop) return;
      log_.warn("second signal ", number, ": stopping at once, without draining");
      std::_Exit(EXIT_FAILURE);
    }
    first_stop_ = now;
    log_.info("signal ", number, ": draining; a second one stops at once");
    control_.request_stop();
  }

  void feed_watchdog() {
    if (still_well_()) manager_.alive();
    watchdog_.expires_after(interval_);
    watchdog_.async_wait([this](const boost::system::error_code& failed) {
      if (!failed) feed_watchdog();
    });
  }

  Control& control_;
  const ServiceManager& manager_;
  const std::function<bool()>& still_well_;
  Logger log_{"kernel"};
  asio::io_context context_{1};
  asio::executor_work_guard<asio::io_context::executor_type> work_{context_.get_executor()};
  asio::signal_set signals_;
  asio::steady_timer watchdog_;
  std::chrono::microseconds interval_;
  std::optional<std::chrono::steady_clock::time_point> first_stop_;
};

}  // namespace

int run_under_signals(Control& control, const ServiceManager& manager, const std::function<bool()>& still_well,
                      const std::function<int()>& work) {
  SignalLoop loop(control, manager, still_well);
  int result = EXIT_FAILURE;
  std::thread ctl([&] {
    name_this_thread("ctl");
    result = work();
    loop.end();
  });
  loop.run();
  ctl.join();
  return result;
}

}  // namespace tenon::kernel
