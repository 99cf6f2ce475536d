// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <boost/asio/any_io_executor.hpp>
#include <condition_variable>
#include <cstdint>
#include <functional>
#include <list>
#include <memory>
#include <mutex>
#include <thread>
#include <vector>

namespace tenon::protocol_mqtt {

/// Threads for what takes long to compute, so that it holds no connected client up: passwords that are hashed many
/// times, TLS handshakes. They give way to other threads of the machine (nice), start with the first work, and what
/// waits for them is bounded. Each kind of work has a line of its own and, while both wait, half of the time: a crowd
/// of slow passwords keeps no handshake waiting for longer than one of them takes.
/// Threads: give(), tell_done() and stop() on that of `home`; stop() has to come before the end.
class SlowWork {
 public:
  using Step = std::function<void()>;
  enum class Kind : std::uint8_t { handshake, password };

  /// `waiting_max` of each kind.
  SlowWork(boost::asio::any_io_executor home, std::size_t threads_max, std::size_t waiting_max)
      : home_(std::move(home)), threads_max_(threads_max), waiting_max_(waiting_max) {}
  SlowWork(const SlowWork&) = delete;
  SlowWork& operator=(const SlowWork&) = delete;
  ~SlowWork() { stop(); }

  /// Runs `work` on a thread of ours, then `done` on that of `home`, which is also where both are destroyed. What
  /// `work` throws is lost: `done` has to see that nothing came of it. False when too much waits: neither is run.
  bool give(Kind kind, Step work, Step done);
  /// Calls what of `done` could not be posted, for want of memory. To be called from time to time.
  void tell_done() { tell(*finished_); }
  /// Begins nothing any more and waits for what is being done; its `done` may still be called.
  void stop() noexcept;

 private:
  struct Task {
    Kind kind;
    Step work, done;
  };
  using Tasks = std::list<Task>;  ///< A task moves from list to list without memory.
  struct Line {
    Tasks tasks;
    std::int64_t used_ns = 0;  ///< Processor time; a line that was empty begins with that of the other.
  };
  /// Done and not told yet. What is posted holds it, too.
  struct Finished {
    std::mutex mutex;
    Tasks tasks;
  };

  Line& line(Kind kind) { return lines_[static_cast<std::size_t>(kind)]; }
  bool nothing_waits() const { return lines_[0].tasks.empty() && lines_[1].tasks.empty(); }
  Line& next_line();
  void start_thread();
  void run() noexcept;
  bool take(Tasks& task);
  void account(Kind kind, std::int64_t ns);
  void finish(Tasks& task) noexcept;
  static void tell(Finished& finished);

  const boost::asio::any_io_executor home_;
  const std::size_t threads_max_, waiting_max_;
  const std::shared_ptr<Finished> finished_ = std::make_shared<Finished>();
  std::mutex mutex_;
  std::condition_variable given_;
  std::array<Line, 2> lines_;
  std::size_t idle_ = 0;
  bool stopped_ = false;
  std::vector<std::thread> threads_;
};

}  // namespace tenon::protocol_mqtt
