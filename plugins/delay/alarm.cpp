// SPDX-License-Identifier: Apache-2.0
#include "alarm.hpp"

#include <algorithm>
#include <boost/asio/post.hpp>
#include <chrono>

namespace tenon::delay {
namespace {

constexpr std::int64_t kPartMs = 60'000;

}  // namespace

Alarm::Alarm(boost::asio::any_io_executor sched, boost::asio::any_io_executor runs_on, Clock now_ms, Work work)
    : runs_on_(std::move(runs_on)), now_ms_(std::move(now_ms)), timer_(sched), work_(std::move(work)) {}

void Alarm::set(std::int64_t when_ms) {
  const std::scoped_lock lock(mutex_);
  if (!work_) return;
  when_ms_ = when_ms;
  wait(++generation_);
}

void Alarm::stop() {
  const std::scoped_lock lock(mutex_);
  ++generation_;
  work_ = nullptr;
  timer_.cancel();
}

// The lock is held. A steady timer may be set from any thread as long as one lock keeps them apart.
void Alarm::wait(std::uint64_t generation) {
  const std::int64_t left = std::clamp<std::int64_t>(when_ms_ - now_ms_(), 0, kPartMs);
  timer_.expires_after(std::chrono::milliseconds(left));
  timer_.async_wait([self = shared_from_this(), generation](const boost::system::error_code& failed) {
    if (!failed) self->expired(generation);
  });
}

void Alarm::expired(std::uint64_t generation) {
  const std::scoped_lock lock(mutex_);
  if (generation != generation_ || !work_) return;
  if (now_ms_() < when_ms_) return wait(generation);
  boost::asio::post(runs_on_, [self = shared_from_this(), generation] {
    Work work;
    {
      const std::scoped_lock inner(self->mutex_);
      if (generation == self->generation_) work = self->work_;
    }
    if (work) work();
  });
}

}  // namespace tenon::delay
