// SPDX-License-Identifier: Apache-2.0
#include "routing/deadline_timer.hpp"

#include <boost/asio/post.hpp>

namespace tenon::kernel {

void DeadlineTimer::arm(TimePoint when) {
  {
    const std::scoped_lock lock(mutex_);
    if (armed_ <= when) return;
    armed_ = when;
  }
  boost::asio::post(timer_.get_executor(), [self = shared_from_this()] { self->wait_on_executor(); });
}

void DeadlineTimer::wait_on_executor() {
  {
    // Read here, because posts of two threads may come in the other order than their deadlines.
    const std::scoped_lock lock(mutex_);
    if (armed_ == TimePoint::max()) return;
    timer_.expires_at(armed_);  // Cancels the wait for a later time.
  }
  timer_.async_wait([self = shared_from_this()](const boost::system::error_code& error) {
    if (!error) self->expired();
  });
}

void DeadlineTimer::expired() {
  {
    const std::scoped_lock lock(mutex_);
    armed_ = TimePoint::max();
  }
  const std::scoped_lock firing(firing_);
  if (fire_) fire_();
}

void DeadlineTimer::stop() {
  {
    const std::scoped_lock firing(firing_);
    fire_ = nullptr;
  }
  boost::asio::post(timer_.get_executor(), [self = shared_from_this()] { self->timer_.cancel(); });
}

}  // namespace tenon::kernel
