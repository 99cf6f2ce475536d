// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <boost/asio/any_io_executor.hpp>
#include <condition_variable>
#include <deque>
#include <functional>
#include <mutex>
#include <thread>
#include <vector>

namespace tenon::protocol_mqtt {

/// Threads for what takes long to compute, so that it holds no connected client up: passwords that are hashed many
/// times, TLS handshakes. They give way to other threads of the machine (nice), start with the first work, and what
/// waits for them is bounded. Threads: give() and stop() on that of `home`; stop() has to come before the end.
class SlowWork {
 public:
  using Step = std::function<void()>;

  SlowWork(boost::asio::any_io_executor home, std::size_t threads_max, std::size_t waiting_max)
      : home_(std::move(home)), threads_max_(threads_max), waiting_max_(waiting_max) {}
  SlowWork(const SlowWork&) = delete;
  SlowWork& operator=(const SlowWork&) = delete;
  ~SlowWork() { stop(); }

  /// Runs `work` on a thread of ours, then `done` on that of `home`, which is also where both are destroyed. What
  /// `work` throws is lost: `done` has to see that nothing came of it. False when too much waits: neither is run.
  bool give(Step work, Step done);
  /// Begins nothing any more and waits for what is being done; its `done` may still be called.
  void stop() noexcept;

 private:
  struct Task {
    Step work, done;
  };
  void start_thread();
  void run() noexcept;
  bool take(Task& task);
  void finish(Task task) noexcept;

  const boost::asio::any_io_executor home_;
  const std::size_t threads_max_, waiting_max_;
  std::mutex mutex_;
  std::condition_variable given_;
  std::deque<Task> tasks_;
  std::size_t idle_ = 0;
  bool stopped_ = false;
  std::vector<std::thread> threads_;
};

}  // namespace tenon::protocol_mqtt
