// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <condition_variable>
#include <mutex>
#include <string>

namespace tenon::kernel {

/// What the `ctl` thread waits for while the process serves: signals and faults, said from other threads. Stop wins
/// over reload; of several faults the first is kept. Threads: any.
class Control {
 public:
  enum class Wish { stop, reload };

  void request_stop();
  void request_reload();
  /// An orderly stop that ends with exit code 1.
  void report_fatal_fault(const std::string& reason);

  /// Blocks until something is wished; takes a reload, leaves a stop in place.
  Wish wait();
  bool stop_requested() const;
  /// Empty unless a fatal fault was reported.
  std::string fatal_fault() const;

 private:
  mutable std::mutex mutex_;
  std::condition_variable changed_;
  bool stop_ = false;
  bool reload_ = false;
  std::string fatal_fault_;
};

}  // namespace tenon::kernel
