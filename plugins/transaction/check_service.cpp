// SPDX-License-Identifier: Apache-2.0
#include "check_service.hpp"

#include <boost/asio/post.hpp>
#include <exception>

namespace tenon::transaction {
namespace {

/// Between the slices of one round.
constexpr std::chrono::milliseconds kSlicePause{20};

}  // namespace

CheckService::CheckService(const Parts& parts, const HalfActions& actions)
    : parts_(parts), actions_(actions), producers_(*parts.clients), progress_(parts), waiting_(parts) {}

CheckService::~CheckService() { stop(); }

void CheckService::start() {
  waiting_.open();
  timer_ = std::make_unique<boost::asio::steady_timer>(parts_.host->executor(ExecutorRole::sched));
  wait(parts_.settings->check_interval);
}

void CheckService::wait(std::chrono::milliseconds pause) {
  const std::scoped_lock lock(mutex_);
  if (stopping_) return;
  ++running_;
  timer_->expires_after(pause);
  timer_->async_wait([this](const boost::system::error_code&) {
    boost::asio::post(parts_.host->executor(ExecutorRole::disk), [this] { work(); });
  });
}

void CheckService::work() {
  bool stopping = false;
  {
    const std::scoped_lock lock(mutex_);
    stopping = stopping_;
  }
  if (!stopping) {
    try {
      if (!round_) round_ = std::make_unique<CheckRound>(parts_, actions_, producers_);
      if (round_->step()) {
        round_.reset();
        progress_.save();
        waiting_.save();
      }
    } catch (const std::exception& failure) {
      parts_.host->log().error("a round of transaction checks failed: ", failure.what());
      round_.reset();
    }
    wait(round_ ? kSlicePause : parts_.settings->check_interval);
  }
  const std::scoped_lock lock(mutex_);
  --running_;
  idle_.notify_all();
}

void CheckService::end() {
  if (!timer_) return;
  stop();
  parts_.ops->flush();
  progress_.save_at_end();
  waiting_.save_at_end();
}

void CheckService::stop() noexcept {
  if (!timer_) return;
  std::unique_lock lock(mutex_);
  stopping_ = true;
  timer_->cancel();
  idle_.wait(lock, [this] { return running_ == 0; });
  lock.unlock();
  timer_.reset();
}

}  // namespace tenon::transaction
