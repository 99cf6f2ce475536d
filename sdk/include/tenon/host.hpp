// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/io_context.hpp>
#include <cstdint>
#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

#include "tenon/export.hpp"
#include "tenon/log.hpp"

namespace tenon {

/// Executors by what may be done on them. Threads are named after the role.
enum class ExecutorRole {
  disk,   ///< `disk-N`: may block on the disk: fsync, preallocation, recovery, deletion, cold reads.
  sched,  ///< `sched`: timers; single-threaded, never blocks.
};

/// What the kernel gives every plug-in at its creation. Lives longer than the plug-in.
/// Threads: any, once start() was entered.
class TENON_EXPORT Host {
 public:
  virtual ~Host();

  /// The key of the plug-in's TOML table: `store` for `[plugins.store]`.
  virtual std::string_view instance_name() const = 0;
  virtual const Logger& log() const = 0;
  /// Root of everything this process stores; exists and is locked against other processes from start() on.
  virtual const std::filesystem::path& data_dir() const = 0;
  virtual boost::asio::any_io_executor executor(ExecutorRole role) = 0;
  /// One executor per I/O thread (`net-N`), each run by exactly one thread: what a connection has belongs to one.
  /// Nothing on them may block.
  virtual const std::vector<boost::asio::any_io_executor>& net_executors() = 0;
  /// Like net_executors(), but of separate threads (`catch-up-N`) for connections that read far behind the end of the
  /// log, so that connections which bring new messages do not wait for them. Empty, which is the default: there are no
  /// such threads, and connections stay where they are.
  virtual const std::vector<boost::asio::any_io_executor>& catch_up_executors();
  /// Runs `context` on the calling thread in the way the kernel runs those of `net-N`: for a thread of the plug-in's
  /// own that serves sockets and may block. Where `net-N` have processors of their own (`runtime.net_cpus`), the thread
  /// moves to them, and so do threads that it starts, unless they call run_where_main_runs(). No other thread may run
  /// `context`. Returns and throws like io_context::run(), which is what the default calls.
  virtual void run_loop(boost::asio::io_context& context);
  /// Wall clock, ms since the epoch.
  virtual std::int64_t now_ms() const = 0;
  /// For a fault after start(), such as a failed fsync: logs `reason`, marks the process unhealthy and, if `fatal`,
  /// begins an orderly stop with exit code 1.
  virtual void report_fault(std::string_view reason, bool fatal) = 0;
  /// For a state that is bad and can pass by itself, such as a full disk: health says "degraded" until it is cleared.
  /// `what` is a literal that names the state among those of this plug-in ("disk full"), `reason` says more for people.
  /// The first report of a state is logged as a warning; repeated ones only renew the reason, so it may be called from
  /// a loop. Its end is logged once. The defaults do nothing, for test hosts.
  virtual void report_degraded(std::string_view what, std::string_view reason);
  /// Ends the state that report_degraded() named; does nothing if there is none.
  virtual void clear_degraded(std::string_view what);
  /// "serving", "degraded: store: disk full: ...": the health state of the whole process, for people.
  virtual std::string health() const;
  /// Shown in the health state while the plug-in is starting: "recovering 43 %".
  virtual void report_progress(std::string_view what) = 0;
  /// Tells people where this plug-in listens: one line of the banner, `what` first ("native protocol"), then `address`
  /// with the port that was bound. Called in start(), once per listener. The default does nothing, for test hosts.
  virtual void announce_listener(std::string_view what, std::string_view address);
};

}  // namespace tenon
