// SPDX-License-Identifier: Apache-2.0
#include "protocol-mqtt/transport/slow_work.hpp"

#include <pthread.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#include <algorithm>
#include <boost/asio/post.hpp>
#include <exception>
#include <utility>

#include "tenon/thread_place.hpp"

namespace tenon::protocol_mqtt {
namespace {

/// A tenth of the share of a thread that gives way to nobody.
constexpr int kNice = 10;

/// In Linux threads have a nice value each.
void give_way() noexcept {
  ::pthread_setname_np(::pthread_self(), "mqtt-slow");
  ::setpriority(PRIO_PROCESS, static_cast<id_t>(::syscall(SYS_gettid)), kNice);
}

std::int64_t processor_ns() noexcept {
  timespec used{};
  ::clock_gettime(CLOCK_THREAD_CPUTIME_ID, &used);
  return std::int64_t{used.tv_sec} * 1'000'000'000 + used.tv_nsec;
}

}  // namespace

bool SlowWork::give(Kind kind, Step work, Step done) {
  Tasks task;
  task.push_back({kind, std::move(work), std::move(done)});
  const std::scoped_lock lock(mutex_);
  Line& its = line(kind);
  const std::size_t waiting = lines_[0].tasks.size() + lines_[1].tasks.size();
  if (stopped_ || its.tasks.size() >= waiting_max_) return false;
  if (idle_ <= waiting && threads_.size() < threads_max_) start_thread();
  if (its.tasks.empty()) its.used_ns = std::max(lines_[0].used_ns, lines_[1].used_ns);
  its.tasks.splice(its.tasks.end(), task);
  given_.notify_one();
  return true;
}

void SlowWork::start_thread() {
  threads_.emplace_back([this] {
    run_where_main_runs();
    give_way();
    run();
  });
}

void SlowWork::run() noexcept {
  Tasks task;
  while (take(task)) {
    const std::int64_t begin = processor_ns();
    try {
      task.front().work();
    } catch (const std::exception&) {  // seen by `done`
    }
    account(task.front().kind, processor_ns() - begin);
    finish(task);
  }
}

/// Something waits. The line that has used less; of equals the handshakes, which are short.
SlowWork::Line& SlowWork::next_line() {
  Line &first = lines_[0], &second = lines_[1];
  if (first.tasks.empty()) return second;
  return second.tasks.empty() || first.used_ns <= second.used_ns ? first : second;
}

bool SlowWork::take(Tasks& task) {
  std::unique_lock lock(mutex_);
  ++idle_;
  given_.wait(lock, [this] { return stopped_ || !nothing_waits(); });
  --idle_;
  if (stopped_) return false;
  Tasks& waiting = next_line().tasks;
  task.splice(task.end(), waiting, waiting.begin());
  return true;
}

void SlowWork::account(Kind kind, std::int64_t ns) {
  const std::scoped_lock lock(mutex_);
  line(kind).used_ns += ns;
}

void SlowWork::finish(Tasks& task) noexcept {
  {
    const std::scoped_lock lock(finished_->mutex);
    finished_->tasks.splice(finished_->tasks.end(), task);
  }
  try {
    boost::asio::post(home_, [finished = finished_] { tell(*finished); });
  } catch (const std::exception&) {  // no memory: told with the next, or by tell_done()
  }
}

void SlowWork::tell(Finished& finished) {
  Tasks tasks;
  {
    const std::scoped_lock lock(finished.mutex);
    tasks.swap(finished.tasks);
  }
  for (; !tasks.empty(); tasks.pop_front()) tasks.front().done();
}

void SlowWork::stop() noexcept {
  Tasks never;
  {
    const std::scoped_lock lock(mutex_);
    stopped_ = true;
    for (Line& one : lines_) never.splice(never.end(), one.tasks);
    given_.notify_all();
  }
  for (std::thread& thread : threads_) thread.join();
  threads_.clear();
}

}  // namespace tenon::protocol_mqtt
