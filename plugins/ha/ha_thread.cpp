// SPDX-License-Identifier: Apache-2.0
#include "ha/ha_thread.hpp"

#include <pthread.h>

#include <boost/asio/post.hpp>
#include <future>

#include "tenon/thread_signals.hpp"

namespace tenon::ha {

HaThread::HaThread(Fault on_fault, Loop loop)
    : on_fault_(std::move(on_fault)), loop_(std::move(loop)), work_(boost::asio::make_work_guard(context_)) {
  const SignalsBlocked for_main;
  thread_ = std::thread([this] {
    pthread_setname_np(pthread_self(), "ha");
    serve();
  });
}

HaThread::~HaThread() { stop(); }

void HaThread::serve() {
  for (;;) {
    try {
      if (loop_) return loop_(context_);
      context_.run();
      return;
    } catch (const std::exception& problem) {
      on_fault_(problem.what());
    } catch (...) {
      on_fault_("something that is no std::exception was thrown");
    }
  }
}

void HaThread::run(const std::function<void()>& work) {
  std::promise<void> done;
  boost::asio::post(context_, [&] {
    try {
      work();
      done.set_value();
    } catch (...) {
      done.set_exception(std::current_exception());
    }
  });
  done.get_future().get();
}

void HaThread::stop() noexcept {
  if (!thread_.joinable()) return;
  work_.reset();
  boost::asio::post(context_, [this] { context_.stop(); });
  thread_.join();
}

}  // namespace tenon::ha
