// SPDX-License-Identifier: Apache-2.0
#include "lifecycle/polling_loop.hpp"

#include <sched.h>

#include "lifecycle/idle_poll.hpp"

namespace tenon::kernel {
namespace {

using Clock = std::chrono::steady_clock;

/// Whether there was a handler to run in time. What comes when another thread has had the core meanwhile is no find:
/// asleep, this thread would have had it as early.
bool look(boost::asio::io_context& context, std::chrono::microseconds idle_poll) {
  const auto end = Clock::now() + idle_poll;
  while (Clock::now() < end) {
    if (context.poll_one() > 0) return true;
    ::sched_yield();
  }
  return false;
}

}  // namespace

void run_polling(boost::asio::io_context& context, std::chrono::microseconds idle_poll) {
  if (idle_poll.count() == 0) return static_cast<void>(context.run());
  IdlePoll idle;
  while (!context.stopped()) {
    for (int left = idle.rest(); left > 0; --left) {
      if (context.run_one() == 0) return;
    }
    context.poll();  // what is there already tells nothing about looking
    look(context, idle_poll) ? idle.found() : idle.missed();
  }
}

}  // namespace tenon::kernel
