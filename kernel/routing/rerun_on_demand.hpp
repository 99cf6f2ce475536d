// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/post.hpp>
#include <functional>
#include <memory>
#include <mutex>
#include <utility>

namespace tenon::kernel {

/// Work that takes too long for the thread that asks for it: it runs on `executor`, one run at a time. Whoever asks
/// while one is under way gets one more after it, however many ask. Threads: any, stop() not from the work.
class RerunOnDemand : public std::enable_shared_from_this<RerunOnDemand> {
 public:
  RerunOnDemand(boost::asio::any_io_executor executor, std::function<void()> work)
      : executor_(std::move(executor)), work_(std::move(work)) {}

  void ask() {
    const std::scoped_lock lock(mutex_);
    if (std::exchange(asked_, true) || running_) return;
    post_run();
  }
  /// Nothing of the work runs when this has returned.
  void stop() noexcept {
    const std::scoped_lock working(working_);
    stopped_ = true;
  }

 private:
  void post_run() {
    running_ = true;
    boost::asio::post(executor_, [self = shared_from_this()] { self->run(); });
  }
  void run() {
    {
      // Whoever asks from here on may have changed what the work has looked at.
      const std::scoped_lock lock(mutex_);
      asked_ = false;
    }
    {
      const std::scoped_lock working(working_);
      if (!stopped_) work_();
    }
    const std::scoped_lock lock(mutex_);
    asked_ ? post_run() : void(running_ = false);
  }

  const boost::asio::any_io_executor executor_;
  const std::function<void()> work_;
  std::mutex working_;  ///< Held while it works; outermost.
  bool stopped_ = false;
  std::mutex mutex_;  ///< Leaf.
  bool asked_ = false, running_ = false;
};

}  // namespace tenon::kernel
