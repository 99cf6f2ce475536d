// SPDX-License-Identifier: Apache-2.0
#include "protocol-mqtt/transport/slow_work.hpp"

#include <pthread.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <boost/asio/post.hpp>
#include <exception>
#include <utility>

namespace tenon::protocol_mqtt {
namespace {

/// A tenth of the share of a thread that gives way to nobody.
constexpr int kNice = 10;

/// In Linux threads have a nice value each.
void give_way() noexcept {
  ::pthread_setname_np(::pthread_self(), "mqtt-slow");
  ::setpriority(PRIO_PROCESS, static_cast<id_t>(::syscall(SYS_gettid)), kNice);
}

}  // namespace

bool SlowWork::give(Step work, Step done) {
  const std::scoped_lock lock(mutex_);
  if (stopped_ || tasks_.size() >= waiting_max_) return false;
  if (idle_ <= tasks_.size() && threads_.size() < threads_max_) start_thread();
  tasks_.push_back({std::move(work), std::move(done)});
  given_.notify_one();
  return true;
}

void SlowWork::start_thread() {
  threads_.emplace_back([this] {
    give_way();
    run();
  });
}

void SlowWork::run() noexcept {
  Task task;
  while (take(task)) {
    try {
      task.work();
    } catch (const std::exception&) {  // seen by `done`
    }
    finish(std::exchange(task, {}));
  }
}

bool SlowWork::take(Task& task) {
  std::unique_lock lock(mutex_);
  ++idle_;
  given_.wait(lock, [this] { return stopped_ || !tasks_.empty(); });
  --idle_;
  if (stopped_) return false;
  task = std::move(tasks_.front());
  tasks_.pop_front();
  return true;
}

void SlowWork::finish(Task task) noexcept {
  try {
    boost::asio::post(home_, [task = std::move(task)] { task.done(); });
  } catch (const std::exception&) {  // no memory: who waits for it is given up by its time limit
  }
}

void SlowWork::stop() noexcept {
  std::deque<Task> never;
  {
    const std::scoped_lock lock(mutex_);
    stopped_ = true;
    never.swap(tasks_);
    given_.notify_all();
  }
  for (std::thread& thread : threads_) thread.join();
  threads_.clear();
}

}  // namespace tenon::protocol_mqtt
