// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <functional>
#include <optional>
#include <string>

#include "tenon/log_tap.hpp"
#include "tenon/readable_end.hpp"

namespace tenon::ha {

/// Keeps consumers behind what is confirmed, and says so when that lasts. Does nothing where everything may be read.
/// Threads: open() on the starting thread, raise() on any, one at a time, the rest on the replication thread.
/// (docs/adr/0012)
class ReaderBound {
 public:
  using Time = std::chrono::steady_clock::time_point;
  struct Parts {
    ReadableEnd* end = nullptr;  ///< Of the store; nullptr: it has none, and everything is read.
    const LogTap* log = nullptr;
    bool bounded = false;
    /// Why consumers wait; empty: they do not.
    std::function<void(std::string_view reason)> report;
  };

  /// Bounds readers where they were bounded before; in a store that never was, what is there has been read already.
  Status open(Parts parts);
  /// Everything below `end` is safe. Does nothing when that is known.
  void raise(PhysicalOffset end);
  /// `patience`: how long nothing may move while messages are held back. `why` is asked for what to say then.
  void watch(Time now, std::chrono::milliseconds patience, const std::function<std::string()>& why);

  PhysicalOffset readable() const;
  const std::string& waiting_because() const noexcept { return waiting_because_; }

 private:
  void say(std::string reason);

  Parts parts_;
  std::optional<PhysicalOffset> seen_;  ///< When watch() looked last.
  Time moved_at_{};
  std::string waiting_because_;
};

}  // namespace tenon::ha
