// SPDX-License-Identifier: Apache-2.0
#include "serial_work.hpp"

namespace tenon::pop {
namespace {

constexpr std::chrono::milliseconds kAfterFailure{1000};

}  // namespace

void SerialWork::start(Tick tick) {
  strand_.emplace(boost::asio::make_strand(host_.executor(ExecutorRole::disk)));
  timer_ = std::make_unique<boost::asio::steady_timer>(host_.executor(ExecutorRole::sched));
  tick_ = std::move(tick);
  {
    const std::scoped_lock lock(mutex_);
    running_ = true;
  }
  wait(std::chrono::milliseconds(0));
}

bool SerialWork::begin() {
  const std::scoped_lock lock(mutex_);
  if (running_) ++pieces_;
  return running_;
}

void SerialWork::end() {
  const std::scoped_lock lock(mutex_);
  --pieces_;
  idle_.notify_all();
}

void SerialWork::wait(std::chrono::milliseconds pause) {
  const std::scoped_lock lock(mutex_);
  if (!running_) return;
  ++pieces_;
  timer_->expires_after(pause);
  timer_->async_wait([this](const boost::system::error_code&) {
    boost::asio::post(*strand_, [this] {
      std::chrono::milliseconds pause_after = kAfterFailure;
      auto work = [&] { pause_after = tick_(); };
      run(work);
      wait(pause_after);
      end();
    });
  });
}

void SerialWork::hurry() {
  const std::scoped_lock lock(mutex_);
  if (running_) timer_->cancel();
}

void SerialWork::stop() noexcept {
  std::unique_lock lock(mutex_);
  if (!running_) return;
  running_ = false;
  timer_->cancel();
  idle_.wait(lock, [this] { return pieces_ == 0; });
}

}  // namespace tenon::pop
