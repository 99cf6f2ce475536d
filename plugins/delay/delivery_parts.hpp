// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <boost/asio/any_io_executor.hpp>
#include <cstdint>
#include <exception>
#include <functional>
#include <string_view>

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
};

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
  void reset() noexcept { pause_ms_ = kFirstMs; }

 private:
  static constexpr std::int64_t kFirstMs = 100, kMostMs = 5'000;
  std::int64_t pause_ms_ = kFirstMs;
};

}  // namespace tenon::delay
