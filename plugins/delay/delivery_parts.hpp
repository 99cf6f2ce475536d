// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <boost/asio/any_io_executor.hpp>
#include <cstdint>
#include <exception>
#include <functional>
#include <string_view>
#include <utility>

#include "tenon/error.hpp"
#include "tenon/log.hpp"
#include "tenon/message_delivery.hpp"
#include "tenon/message_store.hpp"

namespace tenon::delay {

/// What the engines stand on.
struct DeliveryParts {
  MessageStore& store;
  MessageDelivery& delivery;
  boost::asio::any_io_executor disk;   ///< Reads and appends.
  boost::asio::any_io_executor sched;  ///< Timers.
  std::function<std::int64_t()> now_ms;
  Logger log;
  /// Says a state that may pass, as often as it is seen (Host::report_degraded); an empty reason: it is over.
  std::function<void(std::string_view what, std::string_view reason)> report = [](std::string_view, std::string_view) {
  };

  /// What was delivered below `end` survives this machine's power failure.
  bool is_on_disk(PhysicalOffset end) const { return store.status().flushed_physical_offset >= end; }
  /// The same, and what else the configuration promises: the replicas have it, too.
  bool is_safe(PhysicalOffset end) const { return is_on_disk(end) && delivery.is_safe(end); }

  /// Of what is tried again until it works.
  void report_outcome(std::string_view what, const Status& outcome) const {
    report(what, outcome ? "" : outcome.error().message());
  }
};

/// What both engines report when a due message is refused.
inline constexpr std::string_view kNotTaken = "due messages are not taken";

/// Runs one turn of `who`. What it throws is logged; the next turn is then the caller's to arrange, or nothing would be
/// delivered any more. True when nothing was thrown.
template <class Turn>
bool runs(const Logger& log, std::string_view who, const Turn& turn) {
  try {
    turn();
    return true;
  } catch (const std::exception& problem) {
    log.error(who, " failed and will be tried again: ", problem.what());
    return false;
  }
}

/// Pauses after a refused append: 100 ms, doubled up to 5 s.
class RetryPause {
 public:
  std::int64_t next_ms() noexcept {
    const std::int64_t pause = pause_ms_;
    pause_ms_ = pause_ms_ * 2 < kMostMs ? pause_ms_ * 2 : kMostMs;
    return pause;
  }
  /// True if there was a pause since the last time.
  bool reset() noexcept { return std::exchange(pause_ms_, kFirstMs) != kFirstMs; }

 private:
  static constexpr std::int64_t kFirstMs = 100, kMostMs = 5'000;
  std::int64_t pause_ms_ = kFirstMs;
};

}  // namespace tenon::delay
