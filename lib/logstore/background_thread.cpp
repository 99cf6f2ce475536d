// SPDX-License-Identifier: Apache-2.0
#include "logstore/background_thread.hpp"

#include <pthread.h>
#include <sys/resource.h>

#include <algorithm>

#include "tenon/thread_place.hpp"

namespace tenon::logstore {

void BackgroundThread::start(std::string name, std::chrono::milliseconds interval, Work work, int nice) {
  work_ = std::move(work);
  interval_ = interval;
  stopping_ = false;
  thread_ = std::thread([this, nice] { run(nice); });
  pthread_setname_np(thread_.native_handle(), name.substr(0, 15).c_str());
}

void BackgroundThread::wake() noexcept {
  if (due_.exchange(true, std::memory_order_acq_rel)) return;
  { const std::lock_guard lock(mutex_); }  // so that the wake is not lost between its look and its sleep
  changed_.notify_one();
}

void BackgroundThread::run(int nice) {
  run_where_main_runs();  // started by a thread that serves sockets, where a slave's log was cut
  // 0: this thread, not its process. To matter less is always allowed.
  if (nice > 0) (void)setpriority(PRIO_PROCESS, 0, std::min(getpriority(PRIO_PROCESS, 0) + nice, 19));
  std::unique_lock lock(mutex_);
  while (!stopping_) {
    changed_.wait_for(lock, interval_, [this] { return stopping_ || due_.load(std::memory_order_acquire); });
    if (stopping_) return;
    due_.store(false, std::memory_order_release);
    lock.unlock();
    work_();
    lock.lock();
  }
}

bool BackgroundThread::pause(std::chrono::milliseconds time) {
  std::unique_lock lock(mutex_);
  return !changed_.wait_for(lock, time, [this] { return stopping_; });
}

void BackgroundThread::stop() noexcept {
  if (!thread_.joinable()) return;
  {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
  }
  changed_.notify_all();
  thread_.join();
}

}  // namespace tenon::logstore
